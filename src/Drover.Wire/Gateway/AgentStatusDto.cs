namespace Drover.Wire.Gateway;

/// <summary>
/// What an agent behind the gateway is doing: the body of every 503 of the gateway, of the agent's status path, and of
/// its events.
/// </summary>
/// <param name="Status"><c>sleeping</c>, <c>starting</c>, <c>ready</c> or <c>degraded</c>.</param>
/// <param name="Agent">The agent's name.</param>
/// <param name="EstimatedWait">
/// Seconds until it will be ready, by its own history; absent where that says nothing.
/// </param>
/// <param name="Reason">Why it does not serve, as a word for programs; absent where there is nothing to say.</param>
/// <param name="Message">The same in a sentence for people.</param>
public sealed record AgentStatusDto(
    string Status, string Agent, double? EstimatedWait = null, string? Reason = null, string? Message = null);
