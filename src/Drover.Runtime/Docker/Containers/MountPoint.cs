using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Containers;

/// <summary>A mount that a container has.</summary>
public sealed record MountPoint
{
    /// <summary>bind, volume, tmpfs or npipe.</summary>
    public string Type { get; init => field = value ?? ""; } = "";

    /// <summary>Name of the volume; null for other types.</summary>
    public string? Name { get; init; }

    /// <summary>Path on the host.</summary>
    public string Source { get; init => field = value ?? ""; } = "";

    /// <summary>Path in the container.</summary>
    public string Destination { get; init => field = value ?? ""; } = "";

    public string? Driver { get; init; }

    public string? Mode { get; init; }

    /// <summary>True when the container may write.</summary>
    [JsonPropertyName("RW")]
    public bool IsWritable { get; init; }
}
