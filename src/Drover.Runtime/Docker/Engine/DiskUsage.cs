using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Engine;

/// <summary>Answer of <c>GET /system/df</c>. The engine walks its disk for it: seconds on a large host, so ask
/// seldom.</summary>
public sealed record DiskUsage
{
    /// <summary>Bytes of all image layers, shared ones counted once.</summary>
    public long LayersSize { get; init; }

    public IReadOnlyList<ImageDiskUsage> Images { get; init => field = value ?? []; } = [];

    public IReadOnlyList<ContainerDiskUsage> Containers { get; init => field = value ?? []; } = [];

    public IReadOnlyList<VolumeDiskUsage> Volumes { get; init => field = value ?? []; } = [];
}

/// <summary>Disk of one image.</summary>
public sealed record ImageDiskUsage
{
    public string Id { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<string> RepoTags { get; init => field = value ?? []; } = [];

    public long Size { get; init; }

    /// <summary>Bytes shared with other images.</summary>
    public long SharedSize { get; init; }

    /// <summary>Containers made from it.</summary>
    public long Containers { get; init; }
}

/// <summary>Disk of one container.</summary>
public sealed record ContainerDiskUsage
{
    public string Id { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<string> Names { get; init => field = value ?? []; } = [];

    /// <summary>Bytes of its own writable layer.</summary>
    [JsonPropertyName("SizeRw")]
    public long WritableSize { get; init; }

    /// <summary>Bytes of the whole file system, image included.</summary>
    [JsonPropertyName("SizeRootFs")]
    public long RootFileSystemSize { get; init; }
}

/// <summary>Disk of one volume.</summary>
public sealed record VolumeDiskUsage
{
    public string Name { get; init => field = value ?? ""; } = "";

    public string Driver { get; init => field = value ?? ""; } = "";

    public VolumeUsage? UsageData { get; init; }
}

/// <summary>What a volume holds; -1 where the driver cannot say.</summary>
/// <param name="Size">Bytes.</param>
/// <param name="RefCount">Containers that mount it.</param>
public sealed record VolumeUsage(long Size, long RefCount);
