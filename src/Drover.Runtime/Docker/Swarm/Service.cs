using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>A service of the Swarm.</summary>
public sealed record Service
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>What an update must name, so that two cannot overwrite each other.</summary>
    public ObjectVersion Version { get; init; }

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? CreatedAt { get; init; }

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? UpdatedAt { get; init; }

    public ServiceSpec Spec { get; init => field = value ?? new(); } = new();

    public ServiceEndpoint Endpoint { get; init => field = value ?? new(); } = new();

    /// <summary>Null when it was never updated.</summary>
    public UpdateStatus? UpdateStatus { get; init; }

    /// <summary>Null unless the list was asked for it (API 1.41).</summary>
    public ServiceStatus? ServiceStatus { get; init; }
}

/// <summary>Counts the changes of a Swarm object.</summary>
/// <param name="Index">The same for all readers of the same state.</param>
public readonly record struct ObjectVersion(ulong Index);

/// <summary>How a service is reached in fact.</summary>
public sealed record ServiceEndpoint
{
    public IReadOnlyList<ServicePort> Ports { get; init => field = value ?? []; } = [];

    [JsonPropertyName("VirtualIPs")]
    public IReadOnlyList<VirtualAddress> VirtualIps { get; init => field = value ?? []; } = [];
}

/// <summary>A service's own address in a network.</summary>
public sealed record VirtualAddress
{
    [JsonPropertyName("NetworkID")]
    public string NetworkId { get; init => field = value ?? ""; } = "";

    /// <summary>CIDR.</summary>
    public string Addr { get; init => field = value ?? ""; } = "";
}

/// <summary>How the last update goes or went.</summary>
public sealed record UpdateStatus
{
    /// <summary>updating, paused, completed, rollback_started, rollback_paused or rollback_completed.</summary>
    public string State { get; init => field = value ?? ""; } = "";

    public string Message { get; init => field = value ?? ""; } = "";
}

/// <summary>Counts of tasks.</summary>
/// <param name="RunningTasks">Running now.</param>
/// <param name="DesiredTasks">Wanted.</param>
public sealed record ServiceStatus(long RunningTasks, long DesiredTasks);

/// <summary>A service that was created.</summary>
public sealed record CreatedService
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>One sentence: the image's digest could not be asked for.</summary>
    public string? Warning { get; init; }
}

internal sealed record UpdatedService
{
    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];
}
