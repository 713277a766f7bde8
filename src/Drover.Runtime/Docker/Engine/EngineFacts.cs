using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Engine;

/// <summary>Answer of <c>GET /info</c>: the engine and the machine it runs on.</summary>
public sealed record EngineFacts
{
    /// <summary>Identity of the engine; survives its restarts.</summary>
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Host name of the machine.</summary>
    public string Name { get; init => field = value ?? ""; } = "";

    public string ServerVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Pretty name of the operating system.</summary>
    public string OperatingSystem { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("OSType")]
    public string OsType { get; init => field = value ?? ""; } = "";

    public string KernelVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Architecture in the kernel's words: x86_64, aarch64.</summary>
    public string Architecture { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("NCPU")]
    public int CpuCount { get; init; }

    /// <summary>Bytes of memory.</summary>
    [JsonPropertyName("MemTotal")]
    public long MemoryTotalBytes { get; init; }

    public int Containers { get; init; }

    public int ContainersRunning { get; init; }

    public int ContainersPaused { get; init; }

    public int ContainersStopped { get; init; }

    public int Images { get; init; }

    /// <summary>Storage driver.</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    public string DockerRootDir { get; init => field = value ?? ""; } = "";

    public string LoggingDriver { get; init => field = value ?? ""; } = "";

    /// <summary>cgroupfs or systemd.</summary>
    public string CgroupDriver { get; init => field = value ?? ""; } = "";

    /// <summary>1 or 2; empty from engines older than 20.10.</summary>
    public string CgroupVersion { get; init => field = value ?? ""; } = "";

    /// <summary>The engine's clock when it answered.</summary>
    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? SystemTime { get; init; }

    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>The engine's part in a Swarm.</summary>
    public SwarmMembership Swarm { get; init => field = value ?? new(); } = new();
}

/// <summary>The engine's part in a Swarm.</summary>
public sealed record SwarmMembership
{
    [JsonPropertyName("NodeID")]
    public string NodeId { get; init => field = value ?? ""; } = "";

    public string NodeAddr { get; init => field = value ?? ""; } = "";

    /// <summary>inactive, pending, active, error or locked.</summary>
    public string LocalNodeState { get; init => field = value ?? ""; } = "";

    /// <summary>True on a manager, where services can be read and changed.</summary>
    public bool ControlAvailable { get; init; }

    public string Error { get; init => field = value ?? ""; } = "";

    public int Nodes { get; init; }

    public int Managers { get; init; }
}
