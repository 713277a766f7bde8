namespace Drover.Supervisor.Logs;

/// <summary>Finds where lines begin, backwards in blocks, without reading what lies before.</summary>
internal static class LogTail
{
    private const int BlockBytes = 64 << 10;

    /// <summary>
    /// Where the last <paramref name="lines"/> lines before <paramref name="end"/> begin; with 0, where the line
    /// begins that is not ended there. A line of more than 1 MiB counts once for each.
    /// </summary>
    /// <param name="bytes">The component's bytes.</param>
    /// <param name="end">Where they end.</param>
    /// <param name="lines">How many.</param>
    /// <param name="maxBytes">Goes back no further than this; then the first line may be one without its
    /// beginning.</param>
    public static long StartOf(LogBytes bytes, long end, int lines, long maxBytes = long.MaxValue)
    {
        var lowest = maxBytes >= end ? 0 : end - maxBytes;
        var buffer = new byte[BlockBytes];
        var search = new Search(end, lines);
        foreach (var (from, to) in Segments(bytes, end))
        {
            for (var top = to; top > Math.Max(from, lowest);)
            {
                var bottom = Math.Max(Math.Max(from, lowest), top - buffer.Length);
                var block = buffer.AsSpan(0, (int)(top - bottom));
                if (!ReadWhole(bytes, bottom, block))
                {
                    // Deleted while it was being read: lines begin after it.
                    return top;
                }

                if (search.IsFoundIn(block, bottom))
                {
                    return search.Start;
                }

                top = bottom;
            }

            if (from <= lowest)
            {
                return Math.Max(from, lowest);
            }

            // Before an archive that is missing, whatever comes next begins a line.
            if (search.Passes(from, bytes.NextAfterGap(from - 1) == from))
            {
                return search.Start;
            }

            search.Start = from;
        }

        return search.Start;
    }

    private static IEnumerable<(long From, long To)> Segments(LogBytes bytes, long end)
    {
        var start = bytes.Extent().Start;
        if (end > start)
        {
            yield return (start, end);
        }

        foreach (var archive in bytes.Archives().Reverse())
        {
            var to = Math.Min(Math.Min(archive.To, end), start);
            if (to > archive.From)
            {
                yield return (archive.From, to);
            }
        }
    }

    private static bool ReadWhole(LogBytes bytes, long offset, Span<byte> block)
    {
        while (!block.IsEmpty)
        {
            var read = bytes.Read(offset, block);
            if (read is 0)
            {
                return false;
            }

            offset += read;
            block = block[read..];
        }

        return true;
    }

    private sealed class Search
    {
        private readonly long _end;
        private readonly int _wanted;
        private int _found;
        private long _lineTop;

        public Search(long end, int wanted)
        {
            (_end, _wanted) = (end, wanted);
            (Start, _lineTop) = (end, end);
        }

        /// <summary>The earliest beginning of a line so far.</summary>
        public long Start { get; set; }

        public bool IsFoundIn(ReadOnlySpan<byte> block, long bottom)
        {
            for (var at = block.LastIndexOf((byte)'\n'); at >= 0; at = block[..at].LastIndexOf((byte)'\n'))
            {
                if (Counts(bottom + at + 1))
                {
                    return true;
                }
            }

            return _lineTop - bottom >= LogLines.MaxLineBytes && Counts(bottom);
        }

        /// <summary>The beginning of a stretch begins a line when nothing stands before it.</summary>
        public bool Passes(long from, bool isAfterGap) => isAfterGap && Counts(from);

        private bool Counts(long begin)
        {
            if (begin >= _end && _wanted > 0)
            {
                return false;
            }

            Start = begin;
            _lineTop = begin;
            return ++_found >= _wanted;
        }
    }
}
