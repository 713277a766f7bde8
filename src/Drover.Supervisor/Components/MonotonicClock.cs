namespace Drover.Supervisor.Components;

/// <summary>
/// Instants as spans on CLOCK_MONOTONIC, which is what <see cref="TimeProvider.GetTimestamp"/> reads on Linux. They
/// keep their meaning over a restart of the supervisor, end with the boot, and no change of the wall clock moves them.
/// Source: clock_gettime(2).
/// </summary>
internal sealed class MonotonicClock(TimeProvider time)
{
    internal TimeProvider Time => time;

    /// <summary>The present.</summary>
    internal TimeSpan Now => time.GetElapsedTime(0, time.GetTimestamp());

    /// <summary>What the wall clock shows, or showed, at that instant if it never jumped.</summary>
    internal DateTimeOffset WallTimeOf(TimeSpan instant) => time.GetUtcNow() + (instant - Now);

    /// <summary>As the other, for an instant that may not be.</summary>
    internal DateTimeOffset? WallTimeOf(TimeSpan? instant) => instant is { } known ? WallTimeOf(known) : null;
}
