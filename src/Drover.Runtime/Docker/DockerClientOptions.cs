namespace Drover.Runtime.Docker;

/// <summary>Limits of one <see cref="DockerClient"/>.</summary>
public sealed record DockerClientOptions
{
    public static DockerClientOptions Default { get; } = new();

    /// <summary>Time for a whole answer, or for a stream to begin. A stop or restart adds its own grace.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time for a ping: an engine that takes longer counts as hung.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Time to connect.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Largest answer that is read into memory.</summary>
    public long MaxAnswerBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>Largest log line, event or progress message; a longer log line is cut and says so.</summary>
    public int MaxLineBytes { get; init; } = 1024 * 1024;

    /// <summary>Connections for short calls.</summary>
    public int MaxCallConnections { get; init; } = 16;

    /// <summary>Connections for logs, events, waits, stops and transfers, each of which holds one for as long as it
    /// lasts.</summary>
    public int MaxStreamConnections { get; init; } = 256;
}
