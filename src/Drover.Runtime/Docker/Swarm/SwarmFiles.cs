using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>A secret or a config: bytes that the Swarm keeps and hands to tasks.</summary>
public sealed record SwarmFile
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";

    public ObjectVersion Version { get; init; }

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? CreatedAt { get; init; }

    public SwarmFileSpec Spec { get; init => field = value ?? new(); } = new();
}

/// <summary>Name and content. The content of a secret is only ever written; neither prints itself.</summary>
public sealed record SwarmFileSpec
{
    public string Name { get; init => field = value ?? ""; } = "";

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>At most 500 kB; null when a secret is read.</summary>
    public byte[]? Data { get; init; }

    public override string ToString() => $"\"{Name}\"";
}

internal sealed record CreatedObject
{
    [JsonPropertyName("ID")]
    public string Id { get; init => field = value ?? ""; } = "";
}
