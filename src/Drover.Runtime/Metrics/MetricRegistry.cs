using System.Text;

namespace Drover.Runtime.Metrics;

/// <summary>
/// The metrics of one role, written in the Prometheus text format 0.0.4. Each role makes its own, so that roles in one
/// process do not mix. Thread-safe. Names and labels are fixed in code; label values must come from a bounded set.
/// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
/// </summary>
public sealed class MetricRegistry
{
    /// <summary>Content type of <see cref="Write"/>.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Lock _gate = new();
    private readonly List<Metric> _metrics = [];

    /// <summary>Adds a number that only rises. By convention the name ends in <c>_total</c>.</summary>
    public Counter AddCounter(string name, string help, params string[] labels) => Add(new Counter(name, help, labels));

    /// <summary>Adds a number that rises and falls.</summary>
    public Gauge AddGauge(string name, string help, params string[] labels) => Add(new Gauge(name, help, labels));

    /// <summary>Adds a gauge whose value is asked for when the metrics are read.</summary>
    public void AddGauge(string name, string help, Func<double> read) => Add(new ReadGauge(name, help, read));

    /// <summary>
    /// Adds gauges whose values, one per value of the label, are asked for when the metrics are read.
    /// </summary>
    public void AddGauge(
        string name, string help, string label, Func<IEnumerable<(string Value, double Number)>> read) =>
        Add(new ReadGauges(name, help, label, read));

    /// <summary>Adds a distribution, in seconds or bytes, over the upper bounds given (rising, without +Inf).</summary>
    public Histogram AddHistogram(string name, string help, IReadOnlyList<double> bounds, params string[] labels) =>
        Add(new Histogram(name, help, bounds, labels));

    /// <summary>Adds the number that only rises which was declared.</summary>
    public Counter AddCounter(MetricSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return AddCounter(spec.Of("counter").Name, spec.Meaning, spec.LabelNames);
    }

    /// <summary>Adds the number that rises and falls which was declared.</summary>
    public Gauge AddGauge(MetricSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return AddGauge(spec.Of("gauge").Name, spec.Meaning, spec.LabelNames);
    }

    /// <summary>Adds the gauge that was declared, whose value is asked for when the metrics are read.</summary>
    public void AddGauge(MetricSpec spec, Func<double> read)
    {
        ArgumentNullException.ThrowIfNull(spec);
        AddGauge(spec.Of("gauge").Name, spec.Meaning, read);
    }

    /// <summary>Adds the gauges that were declared, one per value of the one label.</summary>
    public void AddGauge(MetricSpec spec, Func<IEnumerable<(string Value, double Number)>> read)
    {
        ArgumentNullException.ThrowIfNull(spec);
        AddGauge(spec.Of("gauge").Name, spec.Meaning, spec.Labels[0].Name, read);
    }

    /// <summary>Adds the distribution that was declared, over the upper bounds given (rising, without +Inf).</summary>
    public Histogram AddHistogram(MetricSpec spec, IReadOnlyList<double> bounds)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return AddHistogram(spec.Of("histogram").Name, spec.Meaning, bounds, spec.LabelNames);
    }

    /// <summary>Adds what was declared, whose series are asked for when the metrics are read.</summary>
    public void Add(MetricSpec spec, Func<IEnumerable<MetricSample>> read)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Add(new ReadSeries(spec, read));
    }

    /// <summary>
    /// Adds the distribution that was declared, whose series are asked for when the metrics are read.
    /// </summary>
    public void Add(MetricSpec spec, IReadOnlyList<double> bounds, Func<IEnumerable<DistributionSample>> read)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Add(new ReadDistribution(spec, bounds, read));
    }

    /// <summary>All metrics as they stand, ordered by name.</summary>
    public string Write()
    {
        Metric[] metrics;
        lock (_gate)
        {
            metrics = [.. _metrics.OrderBy(metric => metric.Name, StringComparer.Ordinal)];
        }

        var text = new StringBuilder(4096);
        foreach (var metric in metrics)
        {
            metric.Write(text);
        }

        return text.ToString();
    }

    private T Add<T>(T metric)
        where T : Metric
    {
        lock (_gate)
        {
            if (_metrics.Any(existing => existing.Name == metric.Name))
            {
                throw new InvalidOperationException($"The metric {metric.Name} exists already.");
            }

            _metrics.Add(metric);
        }

        return metric;
    }
}
