namespace Drover.Runtime.Docker.Logs;

/// <summary>One line of output.</summary>
/// <param name="Stream">Where it was written; always Stdout with a terminal.</param>
/// <param name="Text">The line without its end. Bytes that are not UTF-8 are U+FFFD.</param>
/// <param name="Timestamp">When the engine took it; null unless asked for.</param>
/// <param name="TimestampText">The same in the engine's own characters.</param>
/// <param name="IsCut">True when the line was longer than <see cref="DockerClientOptions.MaxLineBytes"/> and the rest
/// is left out.</param>
public sealed record LogLine(
    LogSource Stream, string Text, EngineTimestamp? Timestamp, string? TimestampText, bool IsCut);

/// <summary>Where a line was written.</summary>
public enum LogSource
{
    /// <summary>Standard output.</summary>
    Stdout,

    /// <summary>Standard error.</summary>
    Stderr,
}
