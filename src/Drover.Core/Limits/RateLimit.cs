namespace Drover.Core.Limits;

/// <summary>
/// So many requests a second, and so many at once after a quiet time. The whole state of a caller is one number, the
/// time at which its next request is due; a caller whose due time has passed is as good as one never seen, so that
/// forgetting it gives nothing away. Source: the generic cell rate algorithm (ITU-T I.371, virtual scheduling).
/// </summary>
public sealed record RateLimit
{
    private readonly TimeSpan _interval;
    private readonly TimeSpan _tolerance;

    /// <param name="perSecond">Requests a second in the long run, at least 1.</param>
    /// <param name="burst">Requests at once after a quiet time, at least 1.</param>
    public RateLimit(int perSecond, int burst)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(burst, 1);
        (PerSecond, Burst) = (perSecond, burst);
        _interval = TimeSpan.FromSeconds(1) / perSecond;
        _tolerance = _interval * (burst - 1);
    }

    /// <summary>Requests a second in the long run.</summary>
    public int PerSecond { get; }

    /// <summary>Requests at once after a quiet time.</summary>
    public int Burst { get; }

    /// <summary>
    /// How long a caller with that due time must wait before a request passes; zero when it passes now.
    /// </summary>
    public TimeSpan WaitOf(TimeSpan due, TimeSpan now)
    {
        var wait = due - now - _tolerance;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    /// <summary>
    /// The due time after a request. Never further away than the burst and one more, so that requests which were
    /// counted late, after they passed, cost a bounded wait.
    /// </summary>
    public TimeSpan DueAfter(TimeSpan due, TimeSpan now)
    {
        var next = (due > now ? due : now) + _interval;
        var furthest = now + _tolerance + _interval;
        return next < furthest ? next : furthest;
    }
}
