using Drover.Core.Trust;

namespace Drover.HostAgent.Transport;

/// <summary>Who this agent is to its server, once enrolled. Never prints the key.</summary>
/// <param name="Server">The server's base address.</param>
/// <param name="HostId">The value of <c>X-Agent-Id</c>.</param>
/// <param name="DeploymentHash">The host's opaque id in paths and reports.</param>
/// <param name="Key">What requests are signed with.</param>
internal sealed record AgentIdentity(Uri Server, string HostId, string DeploymentHash, AgentKey Key);
