namespace Drover.Server.Hosting;

/// <summary>
/// Notices when the wall clock was set: it moved by something else than the time that passed. Deadlines on disk are
/// wall clock times, for they outlive the process; whoever keeps them moves them by what this finds. A machine that was
/// suspended shows the same, and the same is right: nobody could have kept a deadline meanwhile. Single-threaded.
/// </summary>
internal sealed class WallClockWatch(TimeProvider time)
{
    // Far above what slewing does between two looks and far below any deadline that is kept.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(2);

    private DateTimeOffset _wall = time.GetUtcNow();
    private TimeSpan _steady = time.Monotonic();

    /// <summary>The time now, and how far the clock was set since the last look; zero when it was not.</summary>
    public (DateTimeOffset Now, TimeSpan SetBy) Look()
    {
        var (wall, steady) = (time.GetUtcNow(), time.Monotonic());
        var setBy = wall - _wall - (steady - _steady);
        (_wall, _steady) = (wall, steady);
        return (wall, setBy.Duration() >= Least ? setBy : TimeSpan.Zero);
    }
}
