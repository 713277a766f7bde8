namespace Drover.Supervisor.Logs;

/// <summary>Which lines are asked for.</summary>
internal sealed record LogSelection
{
    /// <summary>Only so many of each component from the end; null for all.</summary>
    public int? Tail { get; init; }

    /// <summary>Only those written then or later.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>True: go on as lines are written.</summary>
    public bool Follow { get; init; }
}
