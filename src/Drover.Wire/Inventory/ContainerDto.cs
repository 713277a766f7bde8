using System.Text.Json.Serialization;

namespace Drover.Wire.Inventory;

/// <summary>
/// One container of a host. The field names are those that older agents send and stay camelCase, unlike all other JSON.
/// The generated reader sets an absent field to null, so collections turn null into empty themselves.
/// </summary>
public sealed record ContainerDto
{
    /// <summary>Full 64-digit id.</summary>
    [JsonPropertyName("dockerId")]
    public required string DockerId { get; init; }

    /// <summary>Name without the leading slash.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>Image reference as the container was created with.</summary>
    [JsonPropertyName("image")]
    public required string Image { get; init; }

    /// <summary>Image id, <c>sha256:...</c>.</summary>
    [JsonPropertyName("imageId")]
    public string? ImageId { get; init; }

    /// <summary>Command line, redacted.</summary>
    [JsonPropertyName("command")]
    public string? Command { get; init; }

    /// <summary>The engine's word: created, running, paused, restarting, removing, exited, dead.</summary>
    [JsonPropertyName("state")]
    public required string State { get; init; }

    /// <summary>The engine's sentence without its age ("Up", "Exited (1)"). Stands outside the hash.</summary>
    [JsonPropertyName("status")]
    public string? Status { get; init; }

    /// <summary>healthy, unhealthy, starting; null without a health check.</summary>
    [JsonPropertyName("health")]
    public string? Health { get; init; }

    /// <summary>Restarts made by the engine's own restart policy.</summary>
    [JsonPropertyName("restartCount")]
    public int? RestartCount { get; init; }

    /// <summary>Exit code of the last run; null while it runs or before the first.</summary>
    [JsonPropertyName("exitCode")]
    public int? ExitCode { get; init; }

    /// <summary>
    /// Container port with protocol (<c>80/tcp</c>) to published host port, or null when not published.
    /// </summary>
    [JsonPropertyName("ports")]
    public SortedDictionary<string, int?> Ports { get; init => field = value ?? new(StringComparer.Ordinal); }
        = new(StringComparer.Ordinal);

    /// <summary>Labels, values redacted.</summary>
    [JsonPropertyName("labels")]
    public SortedDictionary<string, string> Labels { get; init => field = value ?? new(StringComparer.Ordinal); }
        = new(StringComparer.Ordinal);

    /// <summary>Network name to the container's address in it (empty while it has none).</summary>
    [JsonPropertyName("networks")]
    public SortedDictionary<string, string> Networks { get; init => field = value ?? new(StringComparer.Ordinal); }
        = new(StringComparer.Ordinal);

    /// <summary>Mounts as <c>source:destination[:ro]</c>.</summary>
    [JsonPropertyName("volumes")]
    public IReadOnlyList<string> Volumes { get; init => field = value ?? []; } = [];

    /// <summary>RFC 3339 UTC.</summary>
    [JsonPropertyName("createdAt")]
    public string? CreatedAt { get; init; }

    /// <summary>RFC 3339 UTC; null before the first start.</summary>
    [JsonPropertyName("startedAt")]
    public string? StartedAt { get; init; }

    /// <summary>RFC 3339 UTC; null while it runs or before the first end.</summary>
    [JsonPropertyName("finishedAt")]
    public string? FinishedAt { get; init; }
}
