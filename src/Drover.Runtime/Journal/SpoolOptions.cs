namespace Drover.Runtime.Journal;

/// <summary>The bounds of a <see cref="Spool"/>.</summary>
/// <param name="MaxBytes">Most bytes on disk, at least 64 KiB. When more come, the oldest entries go.</param>
public sealed record SpoolOptions(long MaxBytes)
{
    private const int LargestSegment = 4 << 20;

    /// <summary>The largest payload it takes: an eighth of <see cref="MaxBytes"/>, 4 MiB at most.</summary>
    public int MaxEntryBytes => SegmentBytes;

    /// <summary>Entries are dropped and deleted a file at a time; this is a file's size.</summary>
    internal int SegmentBytes => (int)Math.Min(MaxBytes / 8, LargestSegment);
}
