using System.Text.Json;
using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>The container of each task. Null means the image's own.</summary>
public sealed record ServiceContainer
{
    public string? Image { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Replaces the image's entry point.</summary>
    public IReadOnlyList<string>? Command { get; init; }

    /// <summary>Replaces the image's arguments.</summary>
    public IReadOnlyList<string>? Args { get; init; }

    public string? Hostname { get; init; }

    /// <summary><c>NAME=value</c> each.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    /// <summary>Working directory.</summary>
    public string? Dir { get; init; }

    public string? User { get; init; }

    [JsonPropertyName("TTY")]
    public bool Tty { get; init; }

    /// <summary>True: a root file system that cannot be written.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>True: a small init is PID 1.</summary>
    public bool? Init { get; init; }

    public IReadOnlyList<ServiceMount>? Mounts { get; init; }

    public string? StopSignal { get; init; }

    /// <summary>Time between the stop signal and SIGKILL; null means 10 s.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan? StopGracePeriod { get; init; }

    public HealthCheck? Healthcheck { get; init; }

    /// <summary>Lines for the hosts file: <c>address name</c> each.</summary>
    public IReadOnlyList<string>? Hosts { get; init; }

    public IReadOnlyList<SecretReference>? Secrets { get; init; }

    public IReadOnlyList<ConfigReference>? Configs { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A mount in each task.</summary>
public sealed record ServiceMount
{
    /// <summary>bind, volume or tmpfs.</summary>
    public string? Type { get; init; }

    /// <summary>Path on the node or name of a volume.</summary>
    public string? Source { get; init; }

    /// <summary>Path in the container.</summary>
    public string? Target { get; init; }

    public bool ReadOnly { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>A secret that tasks get as a file.</summary>
public sealed record SecretReference
{
    [JsonPropertyName("SecretID")]
    public required string SecretId { get; init; }

    public required string SecretName { get; init; }

    public ReferenceFile? File { get; init; }
}

/// <summary>A config that tasks get as a file.</summary>
public sealed record ConfigReference
{
    [JsonPropertyName("ConfigID")]
    public required string ConfigId { get; init; }

    public required string ConfigName { get; init; }

    /// <summary>Null for a config that the engine itself reads.</summary>
    public ReferenceFile? File { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Other { get; set; }
}

/// <summary>The file that a secret or config becomes.</summary>
public sealed record ReferenceFile
{
    /// <summary>Path; for a secret relative to /run/secrets.</summary>
    public required string Name { get; init; }

    [JsonPropertyName("UID")]
    public string UserId { get; init => field = value ?? ""; } = "0";

    [JsonPropertyName("GID")]
    public string GroupId { get; init => field = value ?? ""; } = "0";

    /// <summary>Permission bits, as <c>UnixFileMode</c> counts them.</summary>
    public uint Mode { get; init; } = (uint)(UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
}
