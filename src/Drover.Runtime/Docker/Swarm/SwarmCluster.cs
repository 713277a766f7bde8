using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>The Swarm as a whole.</summary>
public sealed record SwarmCluster
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    public ObjectVersion Version { get; init; }

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? CreatedAt { get; init; }

    public JoinTokens JoinTokens { get; init => field = value ?? new(); } = new();
}

/// <summary>Secrets that let a machine join. Never print themselves.</summary>
public sealed record JoinTokens
{
    public string Worker { get; init => field = value ?? ""; } = "";

    public string Manager { get; init => field = value ?? ""; } = "";

    public override string ToString() => "[join tokens]";
}

/// <summary>How to begin a Swarm.</summary>
public sealed record InitSwarm
{
    /// <summary>Address managers listen on.</summary>
    public string ListenAddr { get; init; } = "0.0.0.0:2377";

    /// <summary>Address others reach this node by; null lets the engine choose where it has only one.</summary>
    public string? AdvertiseAddr { get; init; }

    /// <summary>Address for container traffic; null means the advertised one.</summary>
    public string? DataPathAddr { get; init; }

    /// <summary>True: go on alone from the state of a Swarm that lost its majority.</summary>
    public bool ForceNewCluster { get; init; }

    /// <summary>Ranges for overlay networks, CIDR each; null means the engine's.</summary>
    public IReadOnlyList<string>? DefaultAddrPool { get; init; }
}

/// <summary>How to join a Swarm. Holds a secret; never prints it.</summary>
public sealed record JoinSwarm
{
    public string ListenAddr { get; init; } = "0.0.0.0:2377";

    public string? AdvertiseAddr { get; init; }

    /// <summary>Managers, <c>host:2377</c> each.</summary>
    public required IReadOnlyList<string> RemoteAddrs { get; init; }

    public required string JoinToken { get; init; }

    public override string ToString() => $"join {string.Join(", ", RemoteAddrs)}";
}
