using System.Collections.Concurrent;
using System.Text;

namespace Drover.Runtime.Metrics;

/// <summary>Counts observations by upper bound, with their sum.</summary>
public sealed class Histogram : Metric
{
    private readonly double[] _bounds;
    private readonly ConcurrentDictionary<string, Series> _series = new(StringComparer.Ordinal);

    internal Histogram(string name, string help, IReadOnlyList<double> bounds, IReadOnlyList<string> labels)
        : base(name, help, "histogram", labels)
    {
        _bounds = [.. bounds];
        if (_bounds.Length == 0 || _bounds.Zip(_bounds.Skip(1)).Any(pair => pair.First >= pair.Second))
        {
            throw new ArgumentException("The bounds of a histogram rise.", nameof(bounds));
        }

        if (labels.Count == 0)
        {
            _series[string.Empty] = new Series(_bounds.Length);
        }
    }

    /// <summary>Counts one observation.</summary>
    public void Observe(double value, params string[] labelValues)
    {
        var labels = Render(labelValues);
        if (!_series.TryGetValue(labels, out var series))
        {
            series = _series.Count >= MostSeries
                ? _series.Values.Last()
                : _series.GetOrAdd(labels, _ => new Series(_bounds.Length));
        }

        var bucket = Array.FindIndex(_bounds, bound => value <= bound);
        series.Observe(bucket < 0 ? _bounds.Length : bucket, value);
    }

    private protected override void WriteSamples(StringBuilder text)
    {
        foreach (var (labels, series) in _series.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var (counts, sum) = series.Read();
            WriteDistribution(text, labels, _bounds, counts, sum);
        }
    }

    private sealed class Series(int bounds)
    {
        private readonly Lock _gate = new();
        private readonly long[] _counts = new long[bounds + 1];
        private double _sum;

        public void Observe(int bucket, double value)
        {
            lock (_gate)
            {
                _counts[bucket]++;
                _sum += value;
            }
        }

        public (long[] Counts, double Sum) Read()
        {
            lock (_gate)
            {
                return ([.. _counts], _sum);
            }
        }
    }
}
