namespace Drover.Testing.Time;

/// <summary>
/// A clock that stands still until a test moves it. Timers fire in the order in which they are due, each at its own
/// instant, on the thread that calls <see cref="Advance"/>; only a timer that is due at once runs on the pool, as the
/// system's does, because nobody may be about to advance. Safe to use from many threads.
/// </summary>
public sealed partial class FakeClock : TimeProvider
{
    /// <summary>How long the wait methods wait in real time before they fail the test.</summary>
    public static readonly TimeSpan WaitLimit = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly List<FakeTimer> _armed = [];
    private readonly List<Waiter> _waiters = [];
    private readonly DateTimeOffset _start;
    private TimeSpan _elapsed;
    private TimeSpan _wallClockJump;
    private long _armings;

    /// <summary>A clock that shows midnight UTC of 1 January 2027.</summary>
    public FakeClock()
        : this(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>A clock that shows <paramref name="start"/>.</summary>
    public FakeClock(DateTimeOffset start) => _start = start;

    /// <summary>Ticks of 100 ns, so that timestamps and time spans never lose precision.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>Time passed since the clock was made; never runs backwards.</summary>
    public TimeSpan Elapsed
    {
        get
        {
            lock (_gate)
            {
                return _elapsed;
            }
        }
    }

    /// <summary>How many timers would fire if the clock went on for ever.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
            {
                return _armed.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _start + _elapsed + _wallClockJump;
        }
    }

    public override long GetTimestamp() => Elapsed.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new FakeTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the wall clock and nothing else, as an operator or a time server does.</summary>
    public void JumpWallClock(TimeSpan by)
    {
        lock (_gate)
        {
            _wallClockJump += by;
        }
    }

    /// <summary>
    /// Lets time pass. Fires each timer at its own instant, including those that callbacks arm on the way.
    /// </summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        AdvanceTo(Elapsed + by);
    }

    /// <summary>Lets time pass until the next armed timer has fired. False when there is none.</summary>
    public bool AdvanceToNextTimer()
    {
        TimeSpan due;
        lock (_gate)
        {
            if (_armed.Count == 0)
            {
                return false;
            }

            due = _armed.Min(timer => timer.Due);
        }

        AdvanceTo(due);
        return true;
    }

    /// <summary>True when a timer is armed that fires in exactly <paramref name="dueIn"/> from now.</summary>
    public bool HasTimerDueIn(TimeSpan dueIn)
    {
        lock (_gate)
        {
            return _armed.Any(timer => timer.Due - _elapsed == dueIn);
        }
    }

    /// <summary>Waits until at least <paramref name="count"/> timers are armed: the code under test sleeps.</summary>
    public Task WaitForTimersAsync(int count, CancellationToken cancellationToken) =>
        WaitUntilAsync(() => _armed.Count >= count, $"{count} armed timers", cancellationToken);

    /// <summary>Waits until a timer is armed that fires in exactly <paramref name="dueIn"/> from now.</summary>
    public Task WaitForTimerAsync(TimeSpan dueIn, CancellationToken cancellationToken) =>
        WaitUntilAsync(
            () => _armed.Any(timer => timer.Due - _elapsed == dueIn), $"a timer due in {dueIn}", cancellationToken);

    private void AdvanceTo(TimeSpan target)
    {
        while (TakeDue(target) is { } timer)
        {
            timer.Fire();
        }
    }

    private FakeTimer? TakeDue(TimeSpan target)
    {
        lock (_gate)
        {
            FakeTimer? next = null;
            foreach (var timer in _armed)
            {
                if (timer.Due <= target && (next is null || timer.IsBefore(next)))
                {
                    next = timer;
                }
            }

            var now = next?.Due ?? target;
            _elapsed = now > _elapsed ? now : _elapsed;
            next?.Rearm();
            ReleaseWaiters();
            return next;
        }
    }
}
