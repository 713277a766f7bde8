using System.Collections.Concurrent;
using System.Text;

namespace Drover.Runtime.Metrics;

/// <summary>A number that rises and falls.</summary>
public sealed class Gauge : Metric
{
    private readonly ConcurrentDictionary<string, Cell> _series = new(StringComparer.Ordinal);

    internal Gauge(string name, string help, IReadOnlyList<string> labels)
        : base(name, help, "gauge", labels)
    {
        if (labels.Count == 0)
        {
            _series[string.Empty] = new Cell();
        }
    }

    /// <summary>Sets the series of these label values.</summary>
    public void Set(double value, params string[] labelValues) => Cell.In(_series, Render(labelValues)).Set(value);

    /// <summary>Adds, or with a negative amount takes away.</summary>
    public void Add(double amount, params string[] labelValues) => Cell.In(_series, Render(labelValues)).Add(amount);

    private protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, cell) in _series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            WriteSample(text, Name, labels, cell.Value);
        }
    }
}

internal sealed class ReadGauge(string name, string help, Func<double> read) : Metric(name, help, "gauge", [])
{
    private protected override void WriteSamples(StringBuilder text) => WriteSample(text, Name, string.Empty, read());
}

internal sealed class ReadGauges(
    string name, string help, string label, Func<IEnumerable<(string Value, double Number)>> read)
    : Metric(name, help, "gauge", [label])
{
    private protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (value, number) in read())
        {
            WriteSample(text, Name, Render([value]), number);
        }
    }
}
