using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>What each task of a service is.</summary>
public sealed record TaskSpec
{
    public ServiceContainer? ContainerSpec { get; init; }

    public TaskResources? Resources { get; init; }

    public TaskRestartPolicy? RestartPolicy { get; init; }

    public Placement? Placement { get; init; }

    public IReadOnlyList<NetworkAttachment>? Networks { get; init; }

    public LogDriver? LogDriver { get; init; }

    /// <summary>Another number makes all tasks anew though nothing else changed.</summary>
    public long ForceUpdate { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>Limits and reservations.</summary>
public sealed record TaskResources
{
    public ResourceAmount? Limits { get; init; }

    public ResourceAmount? Reservations { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>An amount of what a node has; 0 is none said.</summary>
public sealed record ResourceAmount
{
    /// <summary>Billionths of a core.</summary>
    [JsonPropertyName("NanoCPUs")]
    public long NanoCpus { get; init; }

    public long MemoryBytes { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>What the Swarm does when a task ends.</summary>
public sealed record TaskRestartPolicy
{
    /// <summary>none, on-failure or any; null means any.</summary>
    public string? Condition { get; init; }

    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan? Delay { get; init; }

    /// <summary>Null or 0: no limit.</summary>
    public long? MaxAttempts { get; init; }

    /// <summary>Time within which attempts are counted; null or 0: for ever.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan? Window { get; init; }
}

/// <summary>Which nodes may run tasks.</summary>
public sealed record Placement
{
    /// <summary><c>node.role==manager</c>, <c>node.labels.disk==ssd</c> ...</summary>
    public IReadOnlyList<string>? Constraints { get; init; }

    /// <summary>Tasks on one node at most; 0 is no limit.</summary>
    public long MaxReplicas { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A network that tasks join.</summary>
public sealed record NetworkAttachment
{
    /// <summary>Id or name.</summary>
    public string? Target { get; init; }

    public IReadOnlyList<string>? Aliases { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>Where the output of tasks goes.</summary>
public sealed record LogDriver
{
    public string? Name { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }
}
