using System.Collections.Concurrent;
using System.Text;

namespace Drover.Runtime.Metrics;

/// <summary>A number that only rises.</summary>
public sealed class Counter : Metric
{
    private readonly ConcurrentDictionary<string, Cell> _series = new(StringComparer.Ordinal);

    internal Counter(string name, string help, IReadOnlyList<string> labels)
        : base(name, help, "counter", labels)
    {
        if (labels.Count == 0)
        {
            _series[string.Empty] = new Cell();
        }
    }

    /// <summary>Adds one to the series of these label values.</summary>
    public void Increment(params string[] labelValues) => Add(1, labelValues);

    /// <summary>Adds a number that is not negative.</summary>
    public void Add(double amount, params string[] labelValues)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(amount);
        Cell.In(_series, Render(labelValues)).Add(amount);
    }

    /// <summary>The present value; 0 for a series never counted.</summary>
    public double Value(params string[] labelValues) =>
        _series.TryGetValue(Render(labelValues), out var cell) ? cell.Value : 0;

    private protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, cell) in _series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            WriteSample(text, Name, labels, cell.Value);
        }
    }
}
