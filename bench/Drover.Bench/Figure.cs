namespace Drover.Bench;

/// <summary>
/// One measured thing: samples of it, what it may be at most, and a peer measured in the same run where one can run.
/// </summary>
internal sealed record Figure(string Name, string Unit, IReadOnlyList<double> Samples, string Statistic, double Budget)
{
    public string? Peer { get; init; }

    public double? PeerValue { get; init; }

    public double Value => Statistic switch
    {
        "median" => Quantile(0.5),
        "p99" => Quantile(0.99),
        "max" => Samples.Max(),
        _ => throw new InvalidOperationException($"cannot summarise by \"{Statistic}\""),
    };

    public double Median => Quantile(0.5);

    public double Min => Samples.Min();

    public double Max => Samples.Max();

    public double? Ratio => PeerValue is > 0 ? Value / PeerValue : null;

    public bool Met => Value <= Budget;

    public string ToLine()
    {
        var peer = Ratio is { } ratio
            ? FormattableString.Invariant($"; {ratio:0.00} x {Peer} ({PeerValue:0.###})")
            : "";
        var spread =
            FormattableString.Invariant($"median {Median:0.###}, min {Min:0.###}, max {Max:0.###}, n={Samples.Count}");
        var verdict = Met ? "ok  " : "OVER";
        return FormattableString.Invariant(
            $"{verdict} {Name}: {Statistic} {Value:0.###} {Unit} (budget {Budget:0.###}; {spread}){peer}");
    }

    private double Quantile(double q)
    {
        var sorted = Samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(q * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
