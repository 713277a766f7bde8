namespace Drover.HostAgent.Legacy;

/// <summary>
/// What an agent needs that serves a server of the older protocol (Stacker): the values that server's installer put
/// into the old agent's <c>.env</c>. There is no enrollment in this mode.
/// </summary>
/// <param name="AgentId">UUID; the value of <c>X-Agent-Id</c>.</param>
/// <param name="DeploymentHash">The opaque id the agent polls by.</param>
/// <param name="TokenFile">File with the agent's token, for its user alone; read again when it is refused.</param>
public sealed record LegacyOptions(string AgentId, string DeploymentHash, string TokenFile);
