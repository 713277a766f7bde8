using Drover.Testing.Time;

namespace Drover.Core.Tests.Time;

public sealed class FakeClockTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly FakeClock _clock = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Time_stands_still_until_it_is_advanced()
    {
        var before = _clock.GetUtcNow();
        Assert.Equal(before, _clock.GetUtcNow());

        _clock.Advance(Second);

        Assert.Equal(before + Second, _clock.GetUtcNow());
        Assert.Equal(Second, _clock.GetElapsedTime(0, _clock.GetTimestamp()));
    }

    [Fact]
    public void A_jump_of_the_wall_clock_leaves_the_monotonic_clock_alone()
    {
        var before = _clock.GetUtcNow();
        _clock.JumpWallClock(TimeSpan.FromHours(-3));

        Assert.Equal(before - TimeSpan.FromHours(3), _clock.GetUtcNow());
        Assert.Equal(0, _clock.GetTimestamp());
    }

    [Fact]
    public void Timers_fire_in_order_each_at_its_own_instant()
    {
        var fired = new List<(string Name, TimeSpan At)>();
        using var late = Timer(() => fired.Add(("late", _clock.Elapsed)), 3 * Second, Timeout.InfiniteTimeSpan);
        using var soon = Timer(() => fired.Add(("soon", _clock.Elapsed)), Second, Timeout.InfiniteTimeSpan);
        using var twin = Timer(() => fired.Add(("twin", _clock.Elapsed)), Second, Timeout.InfiniteTimeSpan);

        _clock.Advance(5 * Second);

        Assert.Equal([("soon", Second), ("twin", Second), ("late", 3 * Second)], fired);
        Assert.Equal(5 * Second, _clock.Elapsed);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    [Fact]
    public void A_periodic_timer_fires_once_a_period_until_it_is_disposed()
    {
        var fired = new List<TimeSpan>();
        var timer = Timer(() => fired.Add(_clock.Elapsed), Second, 2 * Second);

        _clock.Advance(6 * Second);
        timer.Dispose();
        _clock.Advance(6 * Second);

        Assert.Equal([Second, 3 * Second, 5 * Second], fired);
        Assert.False(timer.Change(Second, Second));
    }

    [Fact]
    public void A_timer_that_is_changed_forgets_its_first_due_time()
    {
        var fired = new List<TimeSpan>();
        using var timer = Timer(() => fired.Add(_clock.Elapsed), Second, Timeout.InfiniteTimeSpan);

        Assert.True(timer.Change(4 * Second, TimeSpan.Zero));
        _clock.Advance(10 * Second);
        Assert.True(timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        _clock.Advance(10 * Second);

        Assert.Equal([4 * Second], fired);
    }

    [Fact]
    public void A_timer_armed_by_a_callback_fires_within_the_same_advance()
    {
        var second = new List<TimeSpan>();
        ITimer? inner = null;
        using var outer = Timer(
            () => inner = Timer(() => second.Add(_clock.Elapsed), Second, Timeout.InfiniteTimeSpan),
            Second,
            Timeout.InfiniteTimeSpan);

        _clock.Advance(2 * Second);
        inner?.Dispose();

        Assert.Equal([2 * Second], second);
    }

    [Fact]
    public async Task A_timer_due_at_once_fires_without_an_advance()
    {
        var fired = new TaskCompletionSource();
        await using var timer = Timer(() => fired.TrySetResult(), TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        await fired.Task.WaitAsync(FakeClock.WaitLimit, Cancel);
    }

    [Fact]
    public void A_negative_due_time_is_refused_as_the_system_refuses_it()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Timer(() => { }, -Second, Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => Timer(() => { }, Second, -Second));
        Assert.Throws<ArgumentOutOfRangeException>(() => _clock.Advance(-Second));
    }

    [Fact]
    public async Task A_delay_and_a_timeout_end_when_the_clock_reaches_them()
    {
        var delay = Task.Delay(Second, _clock, Cancel);
        using var deadline = new CancellationTokenSource(2 * Second, _clock);
        await _clock.WaitForTimerAsync(2 * Second, Cancel);

        _clock.Advance(Second);
        await delay;
        Assert.False(deadline.IsCancellationRequested);

        _clock.Advance(Second);
        Assert.True(deadline.IsCancellationRequested);
    }

    [Fact]
    public async Task A_test_can_wait_until_the_code_under_test_sleeps()
    {
        var rounds = 0;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var loop = Task.Run(
            async () =>
            {
                while (true)
                {
                    await Task.Delay(Second, _clock, stop.Token);
                    rounds++;
                }
            },
            stop.Token);

        for (var round = 1; round <= 20; round++)
        {
            await _clock.WaitForTimersAsync(1, Cancel);
            Assert.Equal(round - 1, rounds);
            Assert.True(_clock.AdvanceToNextTimer());
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);
        Assert.False(_clock.AdvanceToNextTimer());
    }

    [Fact]
    public void Many_threads_may_arm_and_advance_at_once()
    {
        var fired = 0;
        Parallel.For(0, 1000, _ =>
        {
            Timer(() => Interlocked.Increment(ref fired), Second, Timeout.InfiniteTimeSpan);
            _clock.Advance(2 * Second);
        });

        Assert.Equal(1000, fired);
        Assert.Equal(0, _clock.ArmedTimers);
    }

    private ITimer Timer(Action callback, TimeSpan due, TimeSpan period) =>
        _clock.CreateTimer(_ => callback(), null, due, period);
}
