namespace Drover.Wire.Gateway;

/// <summary>An agent behind the gateway, in short.</summary>
public record GatewayAgentDto
{
    /// <summary>Its name in drover.yaml.</summary>
    public required string Name { get; init; }

    /// <summary><c>sleeping</c>, <c>starting</c>, <c>ready</c> or <c>degraded</c>.</summary>
    public required string State { get; init; }

    /// <summary>How it sleeps: <c>doze</c> while it is frozen, null while it is stopped or awake.</summary>
    public string? Tier { get; init; }

    /// <summary>Why it does not serve, one sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>The same as a word for programs.</summary>
    public string? ReasonCode { get; init; }

    /// <summary>Since when it is in that state; null for one that nobody watches.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When a wake under way will be over, by its own history.</summary>
    public DateTimeOffset? ReadyBy { get; init; }

    /// <summary><c>unmanaged</c>, <c>always_on</c> or <c>on_demand</c>.</summary>
    public required string Policy { get; init; }

    /// <summary>The hostnames that drover.yaml gives it.</summary>
    public required IReadOnlyList<string> Hostnames { get; init; }

    /// <summary>Its Swarm service; null for one with a fixed address.</summary>
    public string? Service { get; init; }

    /// <summary>Its fixed address; null for a Swarm service.</summary>
    public string? Address { get; init; }

    /// <summary>What is open to it now.</summary>
    public required GatewayConnectionsDto Connections { get; init; }

    /// <summary>How long nobody used it; null while something is open.</summary>
    public long? IdleSeconds { get; init; }
}

/// <summary>An agent with all that is known of it.</summary>
public sealed record GatewayAgentDetailDto : GatewayAgentDto
{
    /// <summary>What drover.yaml says of it, defaults included.</summary>
    public required GatewayAgentSettingsDto Settings { get; init; }

    /// <summary>What Swarm says of its service; null for a fixed address, and where nothing is known.</summary>
    public GatewaySwarmServiceDto? Swarm { get; init; }

    /// <summary>Every hostname that leads to it, those it registered among them.</summary>
    public required IReadOnlyList<GatewayRouteDto> Routes { get; init; }
}

/// <summary>What drover.yaml says of an agent. Durations as they are written there; 0 is none.</summary>
public sealed record GatewayAgentSettingsDto
{
    /// <summary>What is spoken to it: <c>auto</c>, <c>http1</c> or <c>http2</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The port its tasks listen on; null beside a fixed address.</summary>
    public int? Port { get; init; }

    /// <summary>The path at which the gateway itself answers for it; null for an unmanaged one.</summary>
    public string? StatusPath { get; init; }

    /// <summary>How it is asked whether it serves; null for an unmanaged one.</summary>
    public GatewayHealthSettingsDto? Health { get; init; }

    /// <summary>How it wakes and sleeps; null unless its policy is <c>on_demand</c>.</summary>
    public GatewayWakeSettingsDto? OnDemand { get; init; }

    /// <summary>The largest body of a request, in bytes; null: any.</summary>
    public long? MaxBody { get; init; }

    /// <summary>Until a connection to it stands.</summary>
    public required string ConnectTimeout { get; init; }

    /// <summary>From the end of a request to the first line of the answer.</summary>
    public required string ResponseTimeout { get; init; }

    /// <summary>Without a byte in either direction.</summary>
    public required string IdleTimeout { get; init; }
}

/// <summary>How an agent is asked whether it serves.</summary>
/// <param name="Path">The path; null: a TCP connection is enough.</param>
/// <param name="Port">The port; null: the agent's own.</param>
/// <param name="Period">How often.</param>
/// <param name="Timeout">How long an answer may take.</param>
/// <param name="FailureThreshold">How many failures in a row make it degraded.</param>
public sealed record GatewayHealthSettingsDto(
    string? Path, int? Port, string Period, string Timeout, int FailureThreshold);

/// <summary>How an agent on demand wakes and sleeps.</summary>
/// <param name="StartupTimeout">A wake that takes longer has failed.</param>
/// <param name="IdleTimeout">How long nobody used it before it sleeps.</param>
/// <param name="DrainTimeout">How long open work may go on before it sleeps.</param>
/// <param name="Websockets">What of a WebSocket keeps it awake: <c>messages</c> or <c>open</c>.</param>
/// <param name="Doze">How long nobody used it before it is frozen; null: never.</param>
/// <param name="HoldWait">How long a request waits for a wake that asks for nothing.</param>
/// <param name="HoldMost">The most a request can ask for.</param>
/// <param name="HoldRequests">How many may wait at once.</param>
/// <param name="Pinned">True: never put to sleep to make room.</param>
/// <param name="Memory">What it takes of the memory budget, in bytes; null: what its service's limit says.</param>
public sealed record GatewayWakeSettingsDto(
    string StartupTimeout,
    string IdleTimeout,
    string DrainTimeout,
    string Websockets,
    string? Doze,
    string HoldWait,
    string HoldMost,
    int HoldRequests,
    bool Pinned,
    long? Memory);
