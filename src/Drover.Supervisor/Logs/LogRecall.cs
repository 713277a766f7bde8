using Drover.Core.Redaction;

namespace Drover.Supervisor.Logs;

/// <summary>
/// The last lines of an instance, for the record of its restart. Events carry them off the host, so secrets are masked
/// here, unlike in the file, which is the component's own.
/// </summary>
internal static class LogRecall
{
    /// <summary>Longest text of one line in a record.</summary>
    public const int MaxCharacters = 2048;

    // Lines before the wanted ones tell whether they are the middle of a private key.
    private const int WarmUpLines = 100;

    /// <summary>How much the component has written in all: before a launch, where the new instance begins; after its
    /// end, where that ends.</summary>
    /// <exception cref="IOException">The file cannot be examined.</exception>
    public static long Position(LogDirectory directory, string component)
    {
        using var bytes = new LogBytes(directory, component);
        return bytes.Extent().End;
    }

    /// <summary>At most so many lines and about so many bytes, redacted, oldest first; none of what was written before
    /// <paramref name="from"/>, nor after <paramref name="to"/>: another instance may write by then.</summary>
    /// <exception cref="IOException">The files cannot be read.</exception>
    public static IReadOnlyList<string> LastLines(
        LogDirectory directory, string component, long from, long to, int lines, int maxBytes)
    {
        using var bytes = new LogBytes(directory, component);
        var end = Math.Min(to, bytes.Extent().End);
        var first = Math.Max(from, LogTail.StartOf(bytes, end, lines, maxBytes));
        var start = Math.Max(from, LogTail.StartOf(bytes, end, lines + WarmUpLines, maxBytes * 2L));
        var reader = new LogLines(bytes, start, until: end);
        var redactor = new LogRedactor();
        var recalled = new Queue<string>();
        while (reader.Offset < end && (reader.TryRead(out var piece) || reader.TryTakeRest(out piece)))
        {
            var text = redactor.Redact(piece.Text).Text;
            if (piece.End > first)
            {
                recalled.Enqueue(Bound(text));
            }

            if (recalled.Count > lines)
            {
                recalled.Dequeue();
            }
        }

        return [.. recalled];
    }

    /// <summary>The text, cut where it is longer than a record takes.</summary>
    internal static string Bound(string text) => text.Length <= MaxCharacters
        ? text
        : string.Concat(text.AsSpan(0, MaxCharacters - (char.IsHighSurrogate(text[MaxCharacters - 1]) ? 1 : 0)), "...");
}
