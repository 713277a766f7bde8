namespace Drover.HostAgent.Commands;

/// <summary>
/// How many commands this process executed, by control plane, and how long they took; for /health and /metrics.
/// Thread-safe.
/// </summary>
internal sealed class CommandCounters
{
    /// <summary>Upper bounds of the histogram's buckets in seconds; the last bucket has none.</summary>
    public static readonly IReadOnlyList<double> Bounds =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Plane> _planes = new(StringComparer.Ordinal);
    private string? _lastPlane;
    private DateTimeOffset? _lastAt;

    /// <summary>Counts one executed command.</summary>
    public void Count(string controlPlane, bool success, TimeSpan duration, DateTimeOffset completedAt)
    {
        lock (_gate)
        {
            if (!_planes.TryGetValue(controlPlane, out var plane))
            {
                _planes[controlPlane] = plane = new Plane();
            }

            plane.Success += success ? 1 : 0;
            plane.Failed += success ? 0 : 1;
            plane.TotalSeconds += duration.TotalSeconds;
            var bucket = 0;
            while (bucket < Bounds.Count && duration.TotalSeconds > Bounds[bucket])
            {
                bucket++;
            }

            plane.Buckets[bucket]++;
            (_lastPlane, _lastAt) = (controlPlane, completedAt);
        }
    }

    /// <summary>All counts at one moment.</summary>
    public CommandCountersSnapshot Snapshot()
    {
        lock (_gate)
        {
            var planes = _planes.ToDictionary(
                pair => pair.Key,
                pair => new PlaneCounters(
                    pair.Value.Success, pair.Value.Failed, pair.Value.TotalSeconds, [.. pair.Value.Buckets]),
                StringComparer.Ordinal);
            return new CommandCountersSnapshot(planes, _lastPlane, _lastAt);
        }
    }

    private sealed class Plane
    {
        public long Success { get; set; }

        public long Failed { get; set; }

        public double TotalSeconds { get; set; }

        public long[] Buckets { get; } = new long[Bounds.Count + 1];
    }
}

/// <summary>All counts at one moment.</summary>
/// <param name="Planes">By control plane; only those that executed something.</param>
/// <param name="LastControlPlane">Which executed last.</param>
/// <param name="LastCommandAt">When it completed.</param>
internal sealed record CommandCountersSnapshot(
    IReadOnlyDictionary<string, PlaneCounters> Planes, string? LastControlPlane, DateTimeOffset? LastCommandAt);

/// <summary>Counts of one control plane.</summary>
/// <param name="Success">Commands that did what was ordered.</param>
/// <param name="Failed">Commands that did not.</param>
/// <param name="TotalSeconds">Sum of all durations.</param>
/// <param name="Buckets">
/// Commands by duration, one count per bound of <see cref="CommandCounters.Bounds"/> and one beyond; not cumulative.
/// </param>
internal sealed record PlaneCounters(long Success, long Failed, double TotalSeconds, IReadOnlyList<long> Buckets);
