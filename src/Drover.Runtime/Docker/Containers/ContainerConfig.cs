using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Containers;

/// <summary>What a container runs. The same type creates one and reads one back; null means the image's own.</summary>
public record ContainerConfig
{
    public string? Hostname { get; init; }

    public string? User { get; init; }

    /// <summary>True: one raw terminal stream instead of two framed ones.</summary>
    public bool Tty { get; init; }

    public bool OpenStdin { get; init; }

    /// <summary><c>NAME=value</c> each.</summary>
    public IReadOnlyList<string>? Env { get; init; }

    public IReadOnlyList<string>? Cmd { get; init; }

    public IReadOnlyList<string>? Entrypoint { get; init; }

    /// <summary>Image reference.</summary>
    public string Image { get; init => field = value ?? ""; } = "";

    public string? WorkingDir { get; init; }

    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? NoLabels; } = NoLabels;

    /// <summary>Ports it listens on, <c>80/tcp</c> each.</summary>
    public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; init; }

    public HealthCheck? Healthcheck { get; init; }

    /// <summary>Signal that asks it to stop; null means SIGTERM.</summary>
    public string? StopSignal { get; init; }

    /// <summary>Seconds between that signal and SIGKILL; null means the engine's 10.</summary>
    public int? StopTimeout { get; init; }

    private static ReadOnlyDictionary<string, string> NoLabels => ReadOnlyDictionary<string, string>.Empty;
}

/// <summary>The engine writes sets as maps to empty objects.</summary>
public sealed record EmptyObject;

/// <summary>A health check run by the engine inside the container.</summary>
public sealed record HealthCheck
{
    /// <summary><c>["CMD", program, args...]</c>, <c>["CMD-SHELL", line]</c>, or <c>["NONE"]</c> to turn the image's
    /// off.</summary>
    public IReadOnlyList<string>? Test { get; init; }

    /// <summary>Zero means the image's or 30 s.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan Interval { get; init; }

    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan Timeout { get; init; }

    /// <summary>Time in which failures do not count.</summary>
    [JsonConverter(typeof(NanosecondsConverter))]
    public TimeSpan StartPeriod { get; init; }

    /// <summary>Failures in a row that make it unhealthy; 0 means the image's or 3.</summary>
    public int Retries { get; init; }
}
