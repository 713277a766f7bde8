namespace Drover.Runtime.Docker.Events;

/// <summary>How an <see cref="EngineWatch"/> watches.</summary>
public sealed record EngineWatchOptions
{
    /// <summary>Null: all events.</summary>
    public DockerFilters? Filters { get; init; }

    /// <summary>How often a quiet engine is asked for a sign of life.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>First pause before a new try; doubles up to <see cref="MaxRetryDelay"/>. No jitter: one engine has few
    /// clients.</summary>
    public TimeSpan FirstRetryDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long after a reconnect the last known event may take to come again, which proves that none was
    /// missed.</summary>
    public TimeSpan ReplayWindow { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Notices held for a slow reader; when full, reading from the engine waits.</summary>
    public int BufferedNotices { get; init; } = 4096;
}
