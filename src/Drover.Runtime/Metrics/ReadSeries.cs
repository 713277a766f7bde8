using System.Text;

namespace Drover.Runtime.Metrics;

/// <summary>One series of a metric at one moment.</summary>
/// <param name="Labels">Values of its labels, in their order.</param>
/// <param name="Value">The number.</param>
public sealed record MetricSample(IReadOnlyList<string> Labels, double Value);

/// <summary>One series of a distribution at one moment.</summary>
/// <param name="Labels">Values of its labels, in their order.</param>
/// <param name="Counts">Observations up to each bound and not up to the one before, last those beyond all.</param>
/// <param name="Sum">Sum of the observations.</param>
public sealed record DistributionSample(IReadOnlyList<string> Labels, IReadOnlyList<long> Counts, double Sum);

/// <summary>
/// A metric whose series live with what they count and are asked for when the metrics are read: they come and go with
/// it, and counting needs no look-up.
/// </summary>
internal sealed class ReadSeries(MetricSpec spec, Func<IEnumerable<MetricSample>> read)
    : Metric(spec.Name, spec.Meaning, spec.Kind, spec.LabelNames)
{
    private protected override void WriteSamples(StringBuilder text)
    {
        foreach (var sample in read())
        {
            WriteSample(text, Name, Render(sample.Labels), sample.Value);
        }
    }
}

/// <summary>The same for a distribution.</summary>
internal sealed class ReadDistribution(
    MetricSpec spec, IReadOnlyList<double> bounds, Func<IEnumerable<DistributionSample>> read)
    : Metric(spec.Of("histogram").Name, spec.Meaning, spec.Kind, spec.LabelNames)
{
    private protected override void WriteSamples(StringBuilder text)
    {
        foreach (var sample in read())
        {
            WriteDistribution(text, Render(sample.Labels), bounds, sample.Counts, sample.Sum);
        }
    }
}
