namespace Drover.Testing.Time;

/// <summary>The real clock of a machine whose date is set back and forth; timers and durations stay true.</summary>
public sealed class JumpingClock : TimeProvider
{
    private long _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + new TimeSpan(Interlocked.Read(ref _offset));

    /// <summary>Sets the date to the real one plus this.</summary>
    public void Set(TimeSpan offset) => Interlocked.Exchange(ref _offset, offset.Ticks);
}
