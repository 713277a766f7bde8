namespace Drover.Simulation.Machines;

/// <summary>
/// The clocks of a machine as one life of a supervisor reads them: the monotonic one begins with the boot, the wall
/// clock jumps. Its timers die with the life.
/// </summary>
internal sealed class LifeClock(World world, SimulatedMachine machine, SupervisorLife life) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => (world.Now - machine.BootedAt).Ticks;

    public override DateTimeOffset GetUtcNow() => machine.WallTime;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(LifeClock clock, Action ring) : ITimer
    {
        private long _setting;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                clock.Arm(dueTime, () => setting == _setting, () => Ring(period));
            }

            return true;
        }

        private void Ring(TimeSpan period)
        {
            if (period > TimeSpan.Zero)
            {
                Change(period, period);
            }

            ring();
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private void Arm(TimeSpan dueTime, Func<bool> isSet, Action ring) =>
        world.After(dueTime + life.TimersLate, () =>
        {
            if (isSet())
            {
                life.Do(ring);
            }
        });
}
