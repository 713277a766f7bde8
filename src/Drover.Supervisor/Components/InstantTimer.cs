namespace Drover.Supervisor.Components;

/// <summary>
/// One timer that is set again and again, each time in the place of the time before. Never rings early: the system's
/// timers count whole milliseconds on a coarse clock and may. Thread-safe.
/// </summary>
internal sealed class InstantTimer : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(20);

    private readonly Lock _gate = new();
    private readonly MonotonicClock _clock;
    private readonly Action<long> _ring;
    private readonly ITimer _timer;
    private TimeSpan _at;
    private long _epoch;
    private bool _isSet;

    /// <param name="clock">Whose instants are meant.</param>
    /// <param name="ring">Called with the epoch; must not block.</param>
    internal InstantTimer(MonotonicClock clock, Action<long> ring)
    {
        (_clock, _ring) = (clock, ring);
        _timer = clock.Time.CreateTimer(
            static timer => ((InstantTimer)timer!).OnTimer(),
            this,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
    }

    /// <summary>Rings once at that instant, at once when it has passed.</summary>
    internal void Set(TimeSpan at, long epoch)
    {
        lock (_gate)
        {
            (_at, _epoch, _isSet) = (at, epoch, true);
            Arm();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isSet = false;
        }

        _timer.Dispose();
    }

    private void Arm()
    {
        var rest = _at - _clock.Now;
        var milliseconds = Math.Ceiling(Math.Clamp(rest.TotalMilliseconds, 0, Longest.TotalMilliseconds));
        _timer.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private void OnTimer()
    {
        long epoch;
        lock (_gate)
        {
            if (!_isSet)
            {
                return;
            }

            if (_clock.Now < _at)
            {
                Arm();
                return;
            }

            _isSet = false;
            epoch = _epoch;
        }

        _ring(epoch);
    }
}
