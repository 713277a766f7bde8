using System.Text.Json;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>A machine of the Swarm.</summary>
public sealed record SwarmNode
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    public ObjectVersion Version { get; init; }

    public NodeSpec Spec { get; init => field = value ?? new(); } = new();

    public NodeDescription Description { get; init => field = value ?? new(); } = new();

    public NodeStatus Status { get; init => field = value ?? new(); } = new();

    /// <summary>Null on a worker.</summary>
    public ManagerStatus? ManagerStatus { get; init; }
}

/// <summary>What a node should be.</summary>
public sealed record NodeSpec
{
    public string? Name { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>worker or manager.</summary>
    public string? Role { get; init; }

    /// <summary>active, pause or drain.</summary>
    public string? Availability { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>What a node is.</summary>
public sealed record NodeDescription
{
    public string Hostname { get; init => field = value ?? ""; } = "";

    public NodePlatform Platform { get; init => field = value ?? new(); } = new();

    public ResourceAmount Resources { get; init => field = value ?? new(); } = new();

    public NodeEngine Engine { get; init => field = value ?? new(); } = new();
}

/// <summary>Operating system and processor.</summary>
public sealed record NodePlatform
{
    public string Architecture { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("OS")]
    public string Os { get; init => field = value ?? ""; } = "";
}

/// <summary>A node's engine.</summary>
public sealed record NodeEngine
{
    public string EngineVersion { get; init => field = value ?? ""; } = "";
}

/// <summary>Whether a node is there.</summary>
public sealed record NodeStatus
{
    /// <summary>unknown, down, ready or disconnected.</summary>
    public string State { get; init => field = value ?? ""; } = "";

    public string Message { get; init => field = value ?? ""; } = "";

    public string Addr { get; init => field = value ?? ""; } = "";
}

/// <summary>A manager's place among managers.</summary>
public sealed record ManagerStatus
{
    public bool Leader { get; init; }

    /// <summary>unknown, unreachable or reachable.</summary>
    public string Reachability { get; init => field = value ?? ""; } = "";

    public string Addr { get; init => field = value ?? ""; } = "";
}
