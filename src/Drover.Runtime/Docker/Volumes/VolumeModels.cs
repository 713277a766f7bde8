using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Volumes;

/// <summary>A volume.</summary>
public sealed record Volume
{
    public string Name { get; init => field = value ?? ""; } = "";

    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>Path on the host.</summary>
    public string Mountpoint { get; init => field = value ?? ""; } = "";

    /// <summary>local or global.</summary>
    public string Scope { get; init => field = value ?? ""; } = "";

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? CreatedAt { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? None; } = None;

    public IReadOnlyDictionary<string, string> Options { get; init => field = value ?? None; } = None;

    private static ReadOnlyDictionary<string, string> None => ReadOnlyDictionary<string, string>.Empty;
}

/// <summary>A volume to create.</summary>
public sealed record CreateVolume
{
    /// <summary>Null lets the engine make one up.</summary>
    public string? Name { get; init; }

    /// <summary>Null means local.</summary>
    public string? Driver { get; init; }

    public IReadOnlyDictionary<string, string>? DriverOpts { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}

internal sealed record VolumeList
{
    public IReadOnlyList<Volume> Volumes { get; init => field = value ?? []; } = [];
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(VolumeList))]
[JsonSerializable(typeof(CreateVolume))]
internal sealed partial class VolumeJson : JsonSerializerContext;
