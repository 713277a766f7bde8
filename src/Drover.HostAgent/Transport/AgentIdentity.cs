using Drover.Core.Trust;

namespace Drover.HostAgent.Transport;

/// <summary>
/// Who this agent is to its server, once enrolled. Only the key can change, when the server ordered a new one. Never
/// prints it; thread-safe.
/// </summary>
/// <param name="server">The server's base address.</param>
/// <param name="hostId">The value of <c>X-Agent-Id</c>.</param>
/// <param name="deploymentHash">The host's opaque id in paths and reports.</param>
/// <param name="key">What requests are signed with.</param>
internal sealed class AgentIdentity(Uri server, string hostId, string deploymentHash, AgentKey key)
{
    private AgentKey _key = key;

    internal Uri Server { get; } = server;

    internal string HostId { get; } = hostId;

    internal string DeploymentHash { get; } = deploymentHash;

    /// <summary>What requests are signed with now.</summary>
    internal AgentKey Key => Volatile.Read(ref _key);

    /// <summary>From the next request on, this key signs.</summary>
    internal void SignWith(AgentKey next) => Volatile.Write(ref _key, next);
}
