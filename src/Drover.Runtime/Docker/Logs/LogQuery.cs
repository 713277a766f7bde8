using System.Globalization;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Logs;

/// <summary>Which lines of a log.</summary>
public sealed record LogQuery
{
    public bool Stdout { get; init; } = true;

    public bool Stderr { get; init; } = true;

    /// <summary>Lines at or after this moment.</summary>
    public EngineTimestamp? Since { get; init; }

    /// <summary>Lines before or at this moment.</summary>
    public EngineTimestamp? Until { get; init; }

    /// <summary>Only this many from the end; null for all.</summary>
    public int? Tail { get; init; }

    /// <summary>True: go on as lines are written, until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>True: each line comes with its <see cref="LogLine.Timestamp"/>.</summary>
    public bool Timestamps { get; init; } = true;

    internal EngineQuery ToQuery() => new EngineQuery()
        .Add("stdout", Stdout)
        .Add("stderr", Stderr)
        .Add("since", Since)
        .Add("until", Until)
        .Add("tail", Tail?.ToString(CultureInfo.InvariantCulture))
        .Add("follow", Follow)
        .Add("timestamps", Timestamps);
}
