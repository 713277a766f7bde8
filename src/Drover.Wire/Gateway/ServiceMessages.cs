namespace Drover.Wire.Gateway;

/// <summary>
/// Body of a POST to <see cref="GatewayRoutes.Services"/>. There is no target in it: a hostname leads to the task of
/// the agent whose token is shown, and nowhere else.
/// </summary>
/// <param name="Hostname">A name, or a wildcard, within one of the agent's own wildcards.</param>
/// <param name="Port">The port of the agent's own task.</param>
/// <param name="TtlSeconds">How long it holds unless it is renewed, 10 to 86400; null is 300.</param>
public sealed record RegisterServiceRequest(string? Hostname, int? Port, int? TtlSeconds = null);

/// <summary>A hostname that an agent registered.</summary>
/// <param name="Hostname">The name or wildcard.</param>
/// <param name="Agent">Whose it is.</param>
/// <param name="Port">The port of the agent's task that it leads to.</param>
/// <param name="TtlSeconds">How long it holds from each renewal on.</param>
/// <param name="Active">True: it leads to the agent now; false: the agent sleeps, and it will when it wakes.</param>
/// <param name="ExpiresAt">When it ends unless it is renewed; null while the agent sleeps.</param>
public sealed record ServiceDto(
    string Hostname, string Agent, int Port, int TtlSeconds, bool Active, DateTimeOffset? ExpiresAt);
