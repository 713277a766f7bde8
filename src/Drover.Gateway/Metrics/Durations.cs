using Drover.Runtime.Metrics;

namespace Drover.Gateway.Metrics;

/// <summary>
/// A distribution of durations that many threads count into at once, without a lock, a look-up or an allocation.
/// </summary>
/// <param name="bounds">Upper bounds, rising, in seconds.</param>
/// <param name="time">Whose timestamps are counted.</param>
internal sealed class Durations(IReadOnlyList<double> bounds, TimeProvider time)
{
    private readonly long[] _bounds = [.. bounds.Select(bound => (long)(bound * time.TimestampFrequency))];
    private readonly long[] _counts = new long[bounds.Count + 1];
    private readonly double _ticksPerSecond = time.TimestampFrequency;
    private long _sum;

    /// <summary>How many were observed.</summary>
    public long Count => _counts.Sum();

    /// <summary>Counts one, in units of the clock's timestamps.</summary>
    public void Observe(long ticks)
    {
        var bucket = 0;
        while (bucket < _bounds.Length && ticks > _bounds[bucket])
        {
            bucket++;
        }

        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _sum, ticks);
    }

    /// <summary>Counts one.</summary>
    public void Observe(TimeSpan duration) => Observe((long)(duration.TotalSeconds * _ticksPerSecond));

    /// <summary>As it stands, under these label values.</summary>
    public DistributionSample Read(params IReadOnlyList<string> labels)
    {
        // The sum first: a reader sees a count too many rather than a sum without its count.
        var sum = Interlocked.Read(ref _sum) / _ticksPerSecond;
        return new DistributionSample(labels, [.. _counts.Select((_, at) => Interlocked.Read(ref _counts[at]))], sum);
    }
}
