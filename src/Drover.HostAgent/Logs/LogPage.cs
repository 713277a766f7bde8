using Drover.Wire.Commands;

namespace Drover.HostAgent.Logs;

/// <summary>What to read of a log.</summary>
/// <param name="ContainerId">Whose.</param>
/// <param name="Cursor">Go on after it; null begins at <paramref name="Since"/> or gives the newest lines.</param>
/// <param name="Since">Where to begin without a cursor.</param>
/// <param name="Streams"><c>stdout</c>, <c>stderr</c>; null is both.</param>
/// <param name="Bounds">How much.</param>
internal sealed record LogPageRequest(
    string ContainerId,
    LogCursor? Cursor,
    Drover.Runtime.Docker.EngineTimestamp? Since,
    IReadOnlyList<string>? Streams,
    LogBounds Bounds)
{
    /// <summary>True when lines of that stream are wanted.</summary>
    public bool Wants(string stream) => Streams is null || Streams.Contains(stream, StringComparer.Ordinal);
}

/// <summary>Lines of a log, oldest first.</summary>
/// <param name="Lines">Redacted.</param>
/// <param name="Cursor">Where the next page goes on; null when no line was ever seen.</param>
/// <param name="Truncated">
/// True when more lines exist: after the cursor, or before the first line where the newest were asked for.
/// </param>
internal sealed record LogPage(IReadOnlyList<LogLineDto> Lines, LogCursor? Cursor, bool Truncated);
