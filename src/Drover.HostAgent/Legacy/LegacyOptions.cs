namespace Drover.HostAgent.Legacy;

/// <summary>
/// What an agent needs that serves a server of the older protocol (Stacker): the values that server's installer put
/// into the old agent's <c>.env</c>. There is no enrollment in this mode.
/// </summary>
/// <param name="AgentId">UUID; the value of <c>X-Agent-Id</c>. Empty where registration is to give it.</param>
/// <param name="DeploymentHash">The opaque id the agent polls by.</param>
/// <param name="TokenFile">File with the agent's token, for its user alone; read again when it is refused.</param>
/// <param name="Register">Ask that server for id and token while there are none, as its installer does.</param>
public sealed record LegacyOptions(string AgentId, string DeploymentHash, string TokenFile, bool Register = false);
