using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Engine;

/// <summary>Answer of <c>GET /version</c>.</summary>
public sealed record EngineVersion
{
    public string Version { get; init => field = value ?? ""; } = "";

    /// <summary>Newest API version the engine knows.</summary>
    public string ApiVersion { get; init => field = value ?? ""; } = "";

    /// <summary>Oldest API version the engine still takes.</summary>
    [JsonPropertyName("MinAPIVersion")]
    public string MinApiVersion { get; init => field = value ?? ""; } = "";

    public string GitCommit { get; init => field = value ?? ""; } = "";

    public string Os { get; init => field = value ?? ""; } = "";

    public string Arch { get; init => field = value ?? ""; } = "";

    public string KernelVersion { get; init => field = value ?? ""; } = "";
}
