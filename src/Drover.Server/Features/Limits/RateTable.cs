using Drover.Core.Limits;
using Drover.Server.Hosting;

namespace Drover.Server.Features.Limits;

/// <summary>
/// One rate limit for many callers. Bounded: a caller that is quiet for a while is forgotten, which changes nothing for
/// it; only when more than <paramref name="mostCallers"/> are busy at once the least busy ones are forgotten too.
/// Thread-safe.
/// </summary>
internal sealed class RateTable(RateLimit limit, int mostCallers, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TimeSpan> _due = new(StringComparer.Ordinal);

    /// <summary>How many callers are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _due.Count;
            }
        }
    }

    /// <summary>Lets a request through and counts it, or says how long to wait and counts nothing.</summary>
    public TimeSpan? Take(string caller)
    {
        var now = time.Monotonic();
        lock (_gate)
        {
            var due = _due.GetValueOrDefault(caller);
            if (limit.WaitOf(due, now) is { Ticks: > 0 } wait)
            {
                return wait;
            }

            Note(caller, due, now);
            return null;
        }
    }

    /// <summary>How long the caller must wait now, or null when it need not.</summary>
    public TimeSpan? WaitOf(string caller)
    {
        var now = time.Monotonic();
        lock (_gate)
        {
            return limit.WaitOf(_due.GetValueOrDefault(caller), now) is { Ticks: > 0 } wait ? wait : null;
        }
    }

    /// <summary>Counts a request that is over already.</summary>
    public void Charge(string caller)
    {
        var now = time.Monotonic();
        lock (_gate)
        {
            Note(caller, _due.GetValueOrDefault(caller), now);
        }
    }

    private void Note(string caller, TimeSpan due, TimeSpan now)
    {
        if (_due.Count >= mostCallers && !_due.ContainsKey(caller))
        {
            MakeRoom(now);
        }

        _due[caller] = limit.DueAfter(due, now);
    }

    private void MakeRoom(TimeSpan now)
    {
        foreach (var (caller, due) in _due)
        {
            if (due <= now)
            {
                _due.Remove(caller);
            }
        }

        if (_due.Count >= mostCallers)
        {
            var leastBusy = _due.OrderBy(pair => pair.Value).Take(mostCallers / 4 + 1).Select(pair => pair.Key);
            foreach (var caller in leastBusy.ToList())
            {
                _due.Remove(caller);
            }
        }
    }
}
