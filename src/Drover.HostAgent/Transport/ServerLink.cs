namespace Drover.HostAgent.Transport;

/// <summary>How the link to the server stands, for the local API. Written by the heartbeat loop.</summary>
internal sealed class ServerLink
{
    private long _lastHeartbeatMilliseconds;
    private volatile string? _failure = "no heartbeat was answered yet";

    /// <summary>When the server last answered a heartbeat.</summary>
    internal DateTimeOffset? LastHeartbeat =>
        Interlocked.Read(ref _lastHeartbeatMilliseconds) is > 0 and var at
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : null;

    /// <summary>Why the last heartbeat failed; null while the link is good.</summary>
    internal string? Failure => _failure;

    internal void Worked(DateTimeOffset at)
    {
        Interlocked.Exchange(ref _lastHeartbeatMilliseconds, at.ToUnixTimeMilliseconds());
        _failure = null;
    }

    internal void Failed(string why) => _failure = why;
}
