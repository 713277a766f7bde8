namespace Drover.Runtime.Probing;

/// <summary>What the probes of one component read its log by. One reader at a time.</summary>
public interface ILogTap
{
    /// <summary>
    /// Reads on: the lines that were completed since, oldest first, over rotations too. An unfinished last line is
    /// given once it is finished. When more than <paramref name="mostBytes"/> wait, the newest of them are given and
    /// the older ones are skipped, which <see cref="LogTapLines.SkippedBytes"/> tells.
    /// </summary>
    /// <param name="instance">Only lines written since this instance began.</param>
    /// <param name="position">
    /// <see cref="LogTapLines.Position"/> of the read before; null for the first line of the instance.
    /// </param>
    /// <param name="mostBytes">Bound of one read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<LogTapLines> ReadAsync(
        long instance, long? position, int mostBytes, CancellationToken cancellationToken);
}

/// <summary>Lines of a component's log.</summary>
/// <param name="Lines">Without their ends; a very long one may be cut.</param>
/// <param name="Position">Where the next read goes on. Means nothing to the reader.</param>
/// <param name="SkippedBytes">How much was not given because it was too much.</param>
public sealed record LogTapLines(IReadOnlyList<string> Lines, long Position, long SkippedBytes);
