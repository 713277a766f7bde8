using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Containers;

/// <summary>Everything about one container.</summary>
public sealed record ContainerInspect
{
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Name with its leading slash, as the engine gives it; see <see cref="PlainName"/>.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? Created { get; init; }

    /// <summary>Executable of the first process.</summary>
    public string Path { get; init => field = value ?? ""; } = "";

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Args { get; init => field = value ?? []; } = [];

    public ContainerState State { get; init => field = value ?? new(); } = new();

    /// <summary>Image id, <c>sha256:...</c>; the reference is in <see cref="ContainerConfig.Image"/>.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    /// <summary>Restarts by the engine's own restart policy. It stands here, not in <see cref="State"/>.</summary>
    public int RestartCount { get; init; }

    public string Driver { get; init => field = value ?? ""; } = "";

    public string Platform { get; init => field = value ?? ""; } = "";

    /// <summary>The log file on the engine's disk; empty for drivers without one.</summary>
    public string LogPath { get; init => field = value ?? ""; } = "";

    public ContainerConfig Config { get; init => field = value ?? new(); } = new();

    public HostConfig HostConfig { get; init => field = value ?? new(); } = new();

    public IReadOnlyList<MountPoint> Mounts { get; init => field = value ?? []; } = [];

    public ContainerNetworks NetworkSettings { get; init => field = value ?? new(); } = new();

    /// <summary>Name without the slash.</summary>
    [JsonIgnore]
    public string PlainName => Name.TrimStart('/');
}

/// <summary>Where a container is in its life.</summary>
public sealed record ContainerState
{
    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>True while its process lives, paused and restarting included.</summary>
    public bool Running { get; init; }

    public bool Paused { get; init; }

    public bool Restarting { get; init; }

    /// <summary>True when the kernel killed it for want of memory.</summary>
    [JsonPropertyName("OOMKilled")]
    public bool OomKilled { get; init; }

    public bool Dead { get; init; }

    /// <summary>Process id on the engine's machine; 0 when it does not run.</summary>
    public int Pid { get; init; }

    /// <summary>Exit code of the last run; 0 also before the first.</summary>
    public int ExitCode { get; init; }

    /// <summary>Why the last start failed; empty when it did not.</summary>
    public string Error { get; init => field = value ?? ""; } = "";

    /// <summary>Null before the first start.</summary>
    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? StartedAt { get; init; }

    /// <summary>End of the last run that ended; null before.</summary>
    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? FinishedAt { get; init; }

    /// <summary>Null without a health check.</summary>
    public ContainerHealth? Health { get; init; }
}

/// <summary>What a container's health check says.</summary>
public sealed record ContainerHealth
{
    /// <summary>starting, healthy, unhealthy or none.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    public int FailingStreak { get; init; }

    /// <summary>The last few results, oldest first.</summary>
    public IReadOnlyList<HealthCheckResult> Log { get; init => field = value ?? []; } = [];
}

/// <summary>One run of a health check.</summary>
public sealed record HealthCheckResult
{
    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? Start { get; init; }

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? End { get; init; }

    public int ExitCode { get; init; }

    /// <summary>What it printed, cut by the engine.</summary>
    public string Output { get; init => field = value ?? ""; } = "";
}
