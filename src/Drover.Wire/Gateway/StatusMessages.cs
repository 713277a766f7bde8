namespace Drover.Wire.Gateway;

/// <summary>A hostname and the agent it leads to.</summary>
public sealed record GatewayRouteDto
{
    /// <summary>The hostname, or a wildcard such as <c>*.preview.example.org</c>.</summary>
    public required string Hostname { get; init; }

    /// <summary>Who answers.</summary>
    public required string Agent { get; init; }

    /// <summary>A port of the agent's task other than its usual one.</summary>
    public int? Port { get; init; }

    /// <summary>True: the agent registered it; false: it stands in drover.yaml.</summary>
    public required bool Registered { get; init; }

    /// <summary>When the registration ends unless it is renewed.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

/// <summary>What is open to one agent now.</summary>
/// <param name="Agent">Its name.</param>
/// <param name="Open">All of it together.</param>
/// <param name="Http">Requests with their answers, uploads and downloads among them.</param>
/// <param name="Events">Answers that go on as server-sent events.</param>
/// <param name="Grpc">gRPC calls.</param>
/// <param name="Websocket">WebSockets.</param>
/// <param name="Fenced">True while nothing new is let in, because it goes to sleep.</param>
public sealed record GatewayConnectionsDto(
    string Agent, int Open, int Http, int Events, int Grpc, int Websocket, bool Fenced);

/// <summary>How the gateway itself is.</summary>
/// <param name="Status"><c>ok</c>, or <c>stopping</c>.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="UptimeSeconds">How long ago that is.</param>
/// <param name="Listens">What its public listeners are bound to.</param>
/// <param name="Agents">How many agents are in each state.</param>
/// <param name="Open">What is open to all of them.</param>
/// <param name="Routes">How many hostnames lead to agents.</param>
/// <param name="RegisteredRoutes">How many of them agents registered.</param>
public sealed record GatewayHealthDto(
    string Status,
    DateTimeOffset StartedAt,
    long UptimeSeconds,
    IReadOnlyList<string> Listens,
    GatewayStatesDto Agents,
    int Open,
    int Routes,
    int RegisteredRoutes);

/// <summary>How many agents are in each state.</summary>
/// <param name="Sleeping">Nothing of them runs, or they are frozen.</param>
/// <param name="Starting">They were woken and do not serve yet.</param>
/// <param name="Ready">They serve.</param>
/// <param name="Degraded">They should serve and do not.</param>
public sealed record GatewayStatesDto(int Sleeping, int Starting, int Ready, int Degraded);
