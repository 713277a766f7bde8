using System.Collections.Concurrent;

namespace Drover.Runtime.Metrics;

/// <summary>One number that several threads change.</summary>
internal sealed class Cell
{
    private double _value;

    public double Value => Volatile.Read(ref _value);

    public static Cell In(ConcurrentDictionary<string, Cell> series, string labels)
    {
        if (series.TryGetValue(labels, out var cell))
        {
            return cell;
        }

        return series.Count >= Metric.MostSeries ? series.Values.Last() : series.GetOrAdd(labels, _ => new Cell());
    }

    public void Set(double value) => Volatile.Write(ref _value, value);

    public void Add(double amount)
    {
        double seen;
        do
        {
            seen = Volatile.Read(ref _value);
        }
        while (Interlocked.CompareExchange(ref _value, seen + amount, seen) != seen);
    }
}
