namespace Drover.Runtime.Metrics;

/// <summary>
/// What a metric is, apart from its values: the same text for <c>/metrics</c> and for docs/reference/metrics.md.
/// </summary>
public sealed record MetricSpec
{
    private MetricSpec(string kind, string name, string meaning, IReadOnlyList<MetricLabel> labels) =>
        (Kind, Name, Meaning, Labels) = (kind, name, meaning, labels);

    /// <summary><c>counter</c>, <c>gauge</c> or <c>histogram</c>.</summary>
    public string Kind { get; }

    /// <summary>Name in the text format; its end tells the unit.</summary>
    public string Name { get; }

    /// <summary>What is counted or measured, a sentence.</summary>
    public string Meaning { get; }

    /// <summary>What tells its series apart.</summary>
    public IReadOnlyList<MetricLabel> Labels { get; }

    internal string[] LabelNames => [.. Labels.Select(label => label.Name)];

    /// <summary>A number that only rises; its name ends in <c>_total</c>.</summary>
    public static MetricSpec Counter(string name, string meaning, params IReadOnlyList<MetricLabel> labels) =>
        new("counter", name, meaning, labels);

    /// <summary>A number that rises and falls.</summary>
    public static MetricSpec Gauge(string name, string meaning, params IReadOnlyList<MetricLabel> labels) =>
        new("gauge", name, meaning, labels);

    /// <summary>A distribution.</summary>
    public static MetricSpec Histogram(string name, string meaning, params IReadOnlyList<MetricLabel> labels) =>
        new("histogram", name, meaning, labels);

    /// <exception cref="ArgumentException">It is of another kind.</exception>
    internal MetricSpec Of(string kind) => Kind == kind
        ? this
        : throw new ArgumentException($"{Name} is declared as a {Kind} and used as a {kind}.", nameof(kind));
}

/// <summary>One label of a metric.</summary>
/// <param name="Name">Name in the text format.</param>
/// <param name="Meaning">What its values are.</param>
public sealed record MetricLabel(string Name, string Meaning);
