namespace Drover.Server.Hosting;

/// <summary>The clock that deadlines are counted on: no jump of the wall clock moves it.</summary>
internal static class MonotonicTime
{
    /// <summary>Time since an arbitrary instant that stays the same while the process runs.</summary>
    public static TimeSpan Monotonic(this TimeProvider time) => time.GetElapsedTime(0);
}
