using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Containers;

/// <summary>One line of the container list: cheap to get for all containers at once.</summary>
public sealed record ContainerSummary
{
    /// <summary>64 hex digits.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    /// <summary>Names with their leading slash, links included; see <see cref="Name"/>.</summary>
    public IReadOnlyList<string> Names { get; init => field = value ?? []; } = [];

    /// <summary>Image reference it was created with, or the image's id when that tag has moved on.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("ImageID")]
    public string ImageId { get; init => field = value ?? ""; } = "";

    /// <summary>Entry point and arguments in one line.</summary>
    public string Command { get; init => field = value ?? ""; } = "";

    /// <summary>Unix seconds.</summary>
    public long Created { get; init; }

    public IReadOnlyList<PortSummary> Ports { get; init => field = value ?? []; } = [];

    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? NoLabels; } = NoLabels;

    /// <summary>created, running, paused, restarting, removing, exited or dead.</summary>
    public string State { get; init => field = value ?? ""; } = "";

    /// <summary>The engine's sentence: <c>Up 3 minutes (healthy)</c>.</summary>
    public string Status { get; init => field = value ?? ""; } = "";

    /// <summary>Bytes of the writable layer; null unless sizes were asked for.</summary>
    public long? SizeRw { get; init; }

    /// <summary>Bytes of the whole file system; null unless sizes were asked for.</summary>
    public long? SizeRootFs { get; init; }

    public ContainerNetworks NetworkSettings { get; init => field = value ?? new(); } = new();

    public IReadOnlyList<MountPoint> Mounts { get; init => field = value ?? []; } = [];

    /// <summary>Its own name without the slash: links add names with a second one (<c>/web/db</c>).</summary>
    [JsonIgnore]
    public string Name
    {
        get
        {
            var own = Names.FirstOrDefault(name => name.LastIndexOf('/') is 0);
            return (own ?? (Names is [var first, ..] ? first : "")).TrimStart('/');
        }
    }

    private static ReadOnlyDictionary<string, string> NoLabels => ReadOnlyDictionary<string, string>.Empty;
}

/// <summary>One port of a container, as the list tells it.</summary>
public sealed record PortSummary
{
    /// <summary>Host address it is published on.</summary>
    [JsonPropertyName("IP")]
    public string? Ip { get; init; }

    public int PrivatePort { get; init; }

    /// <summary>Host port; null when it is not published.</summary>
    public int? PublicPort { get; init; }

    /// <summary>tcp, udp or sctp.</summary>
    public string Type { get; init => field = value ?? ""; } = "";
}
