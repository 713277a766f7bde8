namespace Drover.Bench;

/// <summary>The same thing of somebody else, measured in the same run and summarised in the same way.</summary>
internal sealed record PeerFigure(string Name, double Value);

/// <summary>
/// One measured thing: samples of it, what it may be at most or at least, and peers measured in the same run where they
/// can run.
/// </summary>
internal sealed record Figure(
    string Name, string Unit, IReadOnlyList<double> Samples, string Statistic, double? Budget)
{
    /// <summary>True: the more the better, and the budget is the least.</summary>
    public bool IsFloor { get; init; }

    public IReadOnlyList<PeerFigure> Peers { get; init; } = [];

    public double Value => Summary(Samples, Statistic);

    public double Median => Quantile(Samples, 0.5);

    public double Min => Samples.Min();

    public double Max => Samples.Max();

    public bool Met => Budget is not { } budget || (IsFloor ? Value >= budget : Value <= budget);

    /// <summary>How many times a peer's figure this one is; null where that one is nothing.</summary>
    public double? RatioTo(PeerFigure peer) => peer.Value > 0 ? Value / peer.Value : null;

    /// <summary>What samples amount to, as a figure and its peers are summarised.</summary>
    public static double Summary(IReadOnlyList<double> samples, string statistic) => statistic switch
    {
        "median" => Quantile(samples, 0.5),
        "p99" => Quantile(samples, 0.99),
        "max" => samples.Max(),
        _ => throw new InvalidOperationException($"cannot summarise by \"{statistic}\""),
    };

    public string ToLine()
    {
        var peers = string.Concat(Peers.Select(peer => RatioTo(peer) is { } ratio
            ? FormattableString.Invariant($"; {ratio:0.00} x {peer.Name} ({peer.Value:0.###})")
            : FormattableString.Invariant($"; {peer.Name} {peer.Value:0.###}")));
        var spread =
            FormattableString.Invariant($"median {Median:0.###}, min {Min:0.###}, max {Max:0.###}, n={Samples.Count}");
        var budget = Budget is not { } bound ? ""
            : FormattableString.Invariant($"{(IsFloor ? "at least" : "budget")} {bound:0.###}; ");
        var verdict = Met ? "ok  " : "OVER";
        return FormattableString.Invariant(
            $"{verdict} {Name}: {Statistic} {Value:0.###} {Unit} ({budget}{spread}){peers}");
    }

    private static double Quantile(IReadOnlyList<double> samples, double q)
    {
        var sorted = samples.Order().ToArray();
        return sorted[Math.Clamp((int)Math.Ceiling(q * sorted.Length) - 1, 0, sorted.Length - 1)];
    }
}
