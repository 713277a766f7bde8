namespace Drover.Runtime.Limits;

/// <summary>
/// Counts failures by a key within a minute from the first. Bounded: when too many keys fail at once, the oldest are
/// forgotten first. Thread-safe.
/// </summary>
public sealed class FailureWindow(int mostFailures, TimeProvider time)
{
    private const int MostKeys = 16_384;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (TimeSpan Since, int Failures)> _failures = new(StringComparer.Ordinal);

    /// <summary>How many keys are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _failures.Count;
            }
        }
    }

    /// <summary>Seconds until the key is heard again, or null when it is heard now.</summary>
    public int? BlockedFor(string key)
    {
        lock (_gate)
        {
            if (!_failures.TryGetValue(key, out var seen) || seen.Failures < mostFailures)
            {
                return null;
            }

            var left = seen.Since + Window - time.GetElapsedTime(0);
            if (left > TimeSpan.Zero)
            {
                return (int)Math.Ceiling(left.TotalSeconds);
            }

            _failures.Remove(key);
            return null;
        }
    }

    /// <summary>Counts a failure.</summary>
    public void Note(string key)
    {
        lock (_gate)
        {
            var now = time.GetElapsedTime(0);
            if (!_failures.TryGetValue(key, out var seen) || seen.Since + Window <= now)
            {
                MakeRoom();
                seen = (now, 0);
            }

            _failures[key] = (seen.Since, seen.Failures + 1);
        }
    }

    private void MakeRoom()
    {
        if (_failures.Count >= MostKeys)
        {
            foreach (var key in _failures.OrderBy(pair => pair.Value.Since)
                .Take(MostKeys / 4)
                .Select(pair => pair.Key)
                .ToList())
            {
                _failures.Remove(key);
            }
        }
    }
}
