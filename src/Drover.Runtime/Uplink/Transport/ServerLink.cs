namespace Drover.Runtime.Uplink.Transport;

/// <summary>How the link to the server stands, for the local API. Written by the loop that talks most: the
/// heartbeat's, or the poll's where there are no heartbeats.</summary>
public sealed class ServerLink(string before = "no heartbeat was answered yet")
{
    private long _lastHeartbeatMilliseconds;
    private volatile string? _failure = before;

    /// <summary>When the server last answered that loop.</summary>
    public DateTimeOffset? LastHeartbeat =>
        Interlocked.Read(ref _lastHeartbeatMilliseconds) is > 0 and var at
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;

    /// <summary>Why its last call failed; null while the link is good.</summary>
    public string? Failure => _failure;

    public void Worked(DateTimeOffset at)
    {
        Interlocked.Exchange(ref _lastHeartbeatMilliseconds, at.ToUnixTimeMilliseconds());
        _failure = null;
    }

    public void Failed(string why) => _failure = why;
}
