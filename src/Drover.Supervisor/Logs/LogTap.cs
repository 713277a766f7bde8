using Drover.Runtime.Probing;

namespace Drover.Supervisor.Logs;

/// <summary>
/// What log probes read of a component that is a process. Positions are offsets of all it ever wrote, so they hold
/// over rotations and over a restart of the supervisor; nothing is kept open between two reads.
/// </summary>
/// <param name="component">Whose log.</param>
/// <param name="directory">Where it is.</param>
/// <param name="beginOf">The offset at which an instance began; null for one that is not known, which has no lines but
/// those from now on.</param>
internal sealed class LogTap(string component, LogDirectory directory, Func<long, long?> beginOf) : ILogTap
{
    /// <inheritdoc/>
    public ValueTask<LogTapLines> ReadAsync(
        long instance, long? position, int mostBytes, CancellationToken cancellationToken)
    {
        using var bytes = new LogBytes(directory, component);
        var end = bytes.Extent().End;
        var asked = position ?? beginOf(instance) ?? end;
        var from = bytes.NextAfterGap(asked);
        var lines = new LogLines(bytes, from);
        if (end - from > mostBytes)
        {
            // The first of the newest bytes are most likely the middle of a line.
            lines.MoveTo(end - mostBytes - 1);
            if (!lines.TryRead(out _))
            {
                lines.MoveTo(end);
            }
        }

        var skipped = lines.Offset - asked;
        var texts = new List<string>();
        while (lines.Offset < end && lines.TryRead(out var piece))
        {
            cancellationToken.ThrowIfCancellationRequested();
            texts.Add(piece.Text);
        }

        return ValueTask.FromResult(new LogTapLines(texts, lines.Offset, skipped));
    }
}
