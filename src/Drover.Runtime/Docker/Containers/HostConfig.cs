using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Containers;

/// <summary>How a container sits on its host.</summary>
public sealed record HostConfig
{
    /// <summary><c>source:destination[:ro]</c> each.</summary>
    public IReadOnlyList<string>? Binds { get; init; }

    public IReadOnlyList<Mount>? Mounts { get; init; }

    /// <summary>default, bridge, host, none, <c>container:ID</c> or a network's name.</summary>
    public string? NetworkMode { get; init; }

    /// <summary>Container port (<c>80/tcp</c>) to where it is published.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> PortBindings
    {
        get;
        init => field = value ?? NoPorts;
    } = NoPorts;

    public RestartPolicy RestartPolicy { get; init => field = value ?? new(); } = new();

    /// <summary>True: the engine removes it when it ends.</summary>
    public bool AutoRemove { get; init; }

    public bool Privileged { get; init; }

    public bool ReadonlyRootfs { get; init; }

    /// <summary>True: a small init is PID 1 and reaps orphans; null leaves it to the engine.</summary>
    public bool? Init { get; init; }

    /// <summary>host shares the machine's processes.</summary>
    public string? PidMode { get; init; }

    public IReadOnlyList<string>? CapAdd { get; init; }

    public IReadOnlyList<string>? CapDrop { get; init; }

    public IReadOnlyList<string>? SecurityOpt { get; init; }

    public IReadOnlyList<string>? ExtraHosts { get; init; }

    /// <summary>Container path to mount options.</summary>
    public IReadOnlyDictionary<string, string>? Tmpfs { get; init; }

    /// <summary>Bytes; 0 is unlimited.</summary>
    [JsonPropertyName("Memory")]
    public long MemoryBytes { get; init; }

    /// <summary>Billionths of a core; 0 is unlimited.</summary>
    public long NanoCpus { get; init; }

    /// <summary>Null or 0: unlimited.</summary>
    public long? PidsLimit { get; init; }

    public string? CgroupParent { get; init; }

    public LogConfig? LogConfig { get; init; }

    private static ReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> NoPorts =>
        ReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>.Empty;
}

/// <summary>What the engine does when a container ends.</summary>
public sealed record RestartPolicy
{
    /// <summary>no, always, unless-stopped or on-failure; empty means no.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    /// <summary>Only with on-failure; 0 is unlimited.</summary>
    public int MaximumRetryCount { get; init; }
}

/// <summary>Where a container's output goes.</summary>
public sealed record LogConfig
{
    /// <summary>Name of the log driver.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    public IReadOnlyDictionary<string, string>? Config { get; init; }
}

/// <summary>A mount to make.</summary>
public sealed record Mount
{
    /// <summary>bind, volume or tmpfs.</summary>
    public required string Type { get; init; }

    /// <summary>Path on the host or name of a volume.</summary>
    public string? Source { get; init; }

    /// <summary>Path in the container.</summary>
    public required string Target { get; init; }

    public bool ReadOnly { get; init; }
}
