namespace Drover.HostAgent.Transport;

/// <summary>How the link to the server stands, for the local API. Written by the loop that talks most: the
/// heartbeat's, or the poll's where there are no heartbeats.</summary>
internal sealed class ServerLink(string before = "no heartbeat was answered yet")
{
    private long _lastHeartbeatMilliseconds;
    private volatile string? _failure = before;

    /// <summary>When the server last answered that loop.</summary>
    internal DateTimeOffset? LastHeartbeat =>
        Interlocked.Read(ref _lastHeartbeatMilliseconds) is > 0 and var at
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;

    /// <summary>Why its last call failed; null while the link is good.</summary>
    internal string? Failure => _failure;

    internal void Worked(DateTimeOffset at)
    {
        Interlocked.Exchange(ref _lastHeartbeatMilliseconds, at.ToUnixTimeMilliseconds());
        _failure = null;
    }

    internal void Failed(string why) => _failure = why;
}
