using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Networks;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>One run of a service's container on a node.</summary>
public sealed record SwarmTask
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    public ObjectVersion Version { get; init; }

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? CreatedAt { get; init; }

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? UpdatedAt { get; init; }

    public TaskSpec Spec { get; init => field = value ?? new(); } = new();

    [JsonPropertyName("ServiceID")]
    public string ServiceId { get; init => field = value ?? ""; } = "";

    /// <summary>Its number among the replicas; 0 in a global service.</summary>
    public int Slot { get; init; }

    /// <summary>Empty until it has a node.</summary>
    [JsonPropertyName("NodeID")]
    public string NodeId { get; init => field = value ?? ""; } = "";

    public SwarmTaskStatus Status { get; init => field = value ?? new(); } = new();

    /// <summary>running, shutdown, remove ...</summary>
    public string DesiredState { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("NetworksAttachments")]
    public IReadOnlyList<TaskNetwork> Networks { get; init => field = value ?? []; } = [];
}

/// <summary>Where a task is in its life.</summary>
public sealed record SwarmTaskStatus
{
    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? Timestamp { get; init; }

    /// <summary>new, pending, assigned, accepted, preparing, ready, starting, running, complete, shutdown, failed,
    /// rejected, remove or orphaned.</summary>
    public string State { get; init => field = value ?? ""; } = "";

    public string Message { get; init => field = value ?? ""; } = "";

    /// <summary>Why it failed; null when it did not.</summary>
    public string? Err { get; init; }

    /// <summary>Null until it has a container.</summary>
    public TaskContainer? ContainerStatus { get; init; }
}

/// <summary>A task's container.</summary>
public sealed record TaskContainer
{
    [JsonPropertyName("ContainerID")]
    public string ContainerId { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("PID")]
    public int Pid { get; init; }

    public int ExitCode { get; init; }
}

/// <summary>A task's place in a network.</summary>
public sealed record TaskNetwork
{
    public TaskNetworkIdentity Network { get; init => field = value ?? new(); } = new();

    /// <summary>CIDR each.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];
}

/// <summary>Which network.</summary>
public sealed record TaskNetworkIdentity
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    public TaskNetworkName Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>Its name, as <see cref="Network.Name"/>.</summary>
public sealed record TaskNetworkName
{
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>True: the Swarm's routing mesh.</summary>
    public bool Ingress { get; init; }
}
