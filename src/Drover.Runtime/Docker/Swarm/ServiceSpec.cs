using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Containers;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>
/// What a service should be. Updating replaces the whole of it, so each part keeps what this client does not know in
/// <see cref="Other"/>: read it, change it by <c>with</c>, write it back, and nothing of the owner's is lost.
/// </summary>
public sealed record ServiceSpec
{
    public string? Name { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    public TaskSpec TaskTemplate { get; init => field = value ?? new(); } = new();

    public ServiceMode? Mode { get; init; }

    public UpdateConfig? UpdateConfig { get; init; }

    public UpdateConfig? RollbackConfig { get; init; }

    public EndpointSpec? EndpointSpec { get; init; }

    /// <summary>Fields this client does not know.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }

    /// <summary>The same service with another number of tasks.</summary>
    /// <exception cref="InvalidOperationException">It is global: it has one on each node.</exception>
    public ServiceSpec Scaled(long replicas) => Mode?.Global is null
        ? this with { Mode = (Mode ?? new()) with { Replicated = new ReplicatedMode { Replicas = replicas } } }
        : throw new InvalidOperationException(
            $"cannot scale service \"{Name}\": it is global, with one task on each node");
}

/// <summary>How many tasks a service has: exactly one of these is set.</summary>
public sealed record ServiceMode
{
    public ReplicatedMode? Replicated { get; init; }

    /// <summary>One on each node.</summary>
    public EmptyObject? Global { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A fixed number of tasks.</summary>
public sealed record ReplicatedMode
{
    /// <summary>Null means one.</summary>
    public long? Replicas { get; init; }
}

/// <summary>How a service changes over to new tasks.</summary>
public sealed record UpdateConfig
{
    /// <summary>Tasks at a time; 0 means all.</summary>
    public long Parallelism { get; init; }

    /// <summary>pause, continue or rollback.</summary>
    public string? FailureAction { get; init; }

    /// <summary>stop-first or start-first.</summary>
    public string? Order { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>How a service is reached.</summary>
public sealed record EndpointSpec
{
    /// <summary>vip or dnsrr; null means vip.</summary>
    public string? Mode { get; init; }

    public IReadOnlyList<ServicePort>? Ports { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A published port.</summary>
public sealed record ServicePort
{
    public string? Name { get; init; }

    /// <summary>tcp, udp or sctp; null means tcp.</summary>
    public string? Protocol { get; init; }

    /// <summary>Port in the container.</summary>
    public int TargetPort { get; init; }

    /// <summary>Port on the node; null lets the Swarm choose.</summary>
    public int? PublishedPort { get; init; }

    /// <summary>ingress (the routing mesh) or host (only on nodes that run a task); null means ingress.</summary>
    public string? PublishMode { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}
