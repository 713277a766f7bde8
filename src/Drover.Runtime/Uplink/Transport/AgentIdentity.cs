using Drover.Core.Trust;

namespace Drover.Runtime.Uplink.Transport;

/// <summary>
/// Who this agent is to its server, once enrolled. Only the key can change, when the server ordered a new one. Never
/// prints it; thread-safe.
/// </summary>
/// <param name="server">The server's base address.</param>
/// <param name="hostId">The value of <c>X-Agent-Id</c>.</param>
/// <param name="deploymentHash">The host's opaque id in paths and reports.</param>
/// <param name="key">What requests are signed with.</param>
public sealed class AgentIdentity(Uri server, string hostId, string deploymentHash, AgentKey key)
{
    private AgentKey _key = key;

    public Uri Server { get; } = server;

    public string HostId { get; } = hostId;

    public string DeploymentHash { get; } = deploymentHash;

    /// <summary>What requests are signed with now.</summary>
    public AgentKey Key => Volatile.Read(ref _key);

    /// <summary>From the next request on, this key signs.</summary>
    public void SignWith(AgentKey next) => Volatile.Write(ref _key, next);
}
