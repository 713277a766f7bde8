using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Images;

/// <summary>One line of the image list.</summary>
public sealed record ImageSummary
{
    /// <summary><c>sha256:...</c>.</summary>
    public string Id { get; init => field = value ?? ""; } = "";

    public string ParentId { get; init => field = value ?? ""; } = "";

    /// <summary><c>name:tag</c> each; empty for a dangling image.</summary>
    public IReadOnlyList<string> RepoTags { get; init => field = value ?? []; } = [];

    /// <summary><c>name@sha256:...</c> each; empty for one that never saw a registry.</summary>
    public IReadOnlyList<string> RepoDigests { get; init => field = value ?? []; } = [];

    /// <summary>Unix seconds.</summary>
    public long Created { get; init; }

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? NoLabels; } = NoLabels;

    private static ReadOnlyDictionary<string, string> NoLabels => ReadOnlyDictionary<string, string>.Empty;
}

/// <summary>Everything about one image.</summary>
public sealed record ImageInspect
{
    public string Id { get; init => field = value ?? ""; } = "";

    public IReadOnlyList<string> RepoTags { get; init => field = value ?? []; } = [];

    public IReadOnlyList<string> RepoDigests { get; init => field = value ?? []; } = [];

    /// <summary>Null where the image does not say.</summary>
    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? Created { get; init; }

    public string Architecture { get; init => field = value ?? ""; } = "";

    public string Os { get; init => field = value ?? ""; } = "";

    /// <summary>Bytes.</summary>
    public long Size { get; init; }

    /// <summary>What containers made from it run unless told otherwise.</summary>
    public ContainerConfig Config { get; init => field = value ?? new(); } = new();
}

/// <summary>One step of removing an image: a name taken away or a layer deleted.</summary>
public sealed record RemovedImage
{
    public string? Untagged { get; init; }

    public string? Deleted { get; init; }
}

/// <summary>One message of a pull, build or import.</summary>
public sealed record ImageProgress
{
    /// <summary>Layer it is about.</summary>
    [JsonPropertyName("id")]
    public string? Id { get; init; }

    [JsonPropertyName("status")]
    public string? Status { get; init; }

    [JsonPropertyName("progressDetail")]
    public ProgressDetail? Detail { get; init; }

    /// <summary>Text of a build, with its line ends.</summary>
    [JsonPropertyName("stream")]
    public string? Text { get; init; }

    /// <summary>The image that a build made.</summary>
    [JsonPropertyName("aux")]
    public ProgressAux? Aux { get; init; }

    [JsonInclude]
    [JsonPropertyName("errorDetail")]
    internal ProgressError? ErrorDetail { get; init; }

    [JsonInclude]
    [JsonPropertyName("error")]
    internal string? Error { get; init; }
}

/// <summary>How far a layer is.</summary>
public sealed record ProgressDetail
{
    /// <summary>Bytes done.</summary>
    [JsonPropertyName("current")]
    public long Current { get; init; }

    /// <summary>Bytes in all; 0 when unknown.</summary>
    [JsonPropertyName("total")]
    public long Total { get; init; }
}

/// <summary>What was made.</summary>
public sealed record ProgressAux
{
    /// <summary>Id of the image that a build made.</summary>
    [JsonPropertyName("ID")]
    public string? ImageId { get; init; }
}

internal sealed record ProgressError
{
    [JsonPropertyName("code")]
    public int Code { get; init; }

    [JsonPropertyName("message")]
    public string? Message { get; init; }
}

[JsonSerializable(typeof(IReadOnlyList<ImageSummary>))]
[JsonSerializable(typeof(ImageInspect))]
[JsonSerializable(typeof(IReadOnlyList<RemovedImage>))]
[JsonSerializable(typeof(ImageProgress))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
internal sealed partial class ImageJson : JsonSerializerContext;
