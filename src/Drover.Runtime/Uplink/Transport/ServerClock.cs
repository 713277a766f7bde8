namespace Drover.Runtime.Uplink.Transport;

/// <summary>
/// The server's clock as far as this agent knows it: its own clock and the offset that a <c>re-sign</c> answer taught
/// it. Stamps are made with it, so that a host with a wrong clock still works; the offset is shown as skew.
/// Thread-safe.
/// </summary>
public sealed class ServerClock(TimeProvider time)
{
    private long _offsetMilliseconds;

    /// <summary>Server time minus own time; zero until the server objects to a stamp.</summary>
    public TimeSpan Offset => TimeSpan.FromMilliseconds(Interlocked.Read(ref _offsetMilliseconds));

    /// <summary>Unix seconds to stamp a request with.</summary>
    public long StampSeconds =>
        (time.GetUtcNow().ToUnixTimeMilliseconds() + Interlocked.Read(ref _offsetMilliseconds)) / 1000;

    /// <summary>Learns the offset from the server's time in an answer that just came.</summary>
    public void Learn(long serverUnixMilliseconds) =>
        Interlocked.Exchange(
            ref _offsetMilliseconds, serverUnixMilliseconds - time.GetUtcNow().ToUnixTimeMilliseconds());
}
