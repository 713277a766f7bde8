using Drover.Runtime.Files;
using Microsoft.Win32.SafeHandles;

namespace Drover.Supervisor.Logs;

/// <summary>
/// All a component ever wrote that is still there, by offset, whichever file it is in: read by any process, with no
/// lock, while the keeper rotates. What was read while bytes moved is read again. Owns two open files; not
/// thread-safe.
/// </summary>
internal sealed class LogBytes(LogDirectory directory, string name) : IDisposable
{
    private readonly string _live = directory.LiveOf(name);
    private readonly string _state = directory.StateOf(name);
    private IReadOnlyList<LogArchive> _archives = [];
    private SafeFileHandle? _liveFile;
    private ulong _liveInode;
    private SafeFileHandle? _archiveFile;
    private LogArchive? _archive;

    /// <summary>The epoch when it was last looked; what was read then belongs to it.</summary>
    public int Epoch { get; private set; }

    /// <summary>The archives, as they are now.</summary>
    public IReadOnlyList<LogArchive> Archives() => _archives = directory.ArchivesOf(name);

    /// <summary>What there is now.</summary>
    public LogExtent Extent()
    {
        var extent = Look();
        for (var next = Look(); !next.IsSamePlace(extent); next = Look())
        {
            extent = next;
        }

        return extent;
    }

    /// <summary>Reads on from an offset; may give less than there is, and gives 0 where that byte is not there (yet, or
    /// any more: see <see cref="NextAfterGap"/>).</summary>
    public int Read(long offset, Span<byte> buffer)
    {
        while (true)
        {
            var before = Look();
            if (offset < before.Start)
            {
                return ReadArchive(offset, buffer);
            }

            var read = _liveFile is null ? 0 : RandomAccess.Read(_liveFile, buffer, offset - before.Base);
            if (before.IsSamePlace(Look()))
            {
                return read;
            }
        }
    }

    /// <summary>The first offset from <paramref name="offset"/> on whose byte is there or will come.</summary>
    public long NextAfterGap(long offset)
    {
        var start = Extent().Start;
        if (offset >= start)
        {
            return offset;
        }

        var next = Archives().FirstOrDefault(archive => archive.To > offset && archive.From < start);
        return Math.Max(offset, Math.Min(start, next?.From ?? start));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _liveFile?.Dispose();
        _archiveFile?.Dispose();
    }

    private LogExtent Look()
    {
        var state = LogState.Read(_state) ?? LogState.Initial;
        Epoch = state.Epoch;
        var facts = GrowingFile.Examine(_live);
        if (facts is null || facts.Value.Inode != _liveInode || _liveFile is null)
        {
            _liveFile?.Dispose();
            _liveFile = facts is null ? null : GrowingFile.TryOpen(_live, write: false);
            _liveInode = facts?.Inode ?? 0;
        }

        if (_liveFile is null)
        {
            return new LogExtent(state.Base, state.Start, state.Start, state.Epoch, 0, null);
        }

        var isShifted = state.Mark is { } mark && !mark.IsAt(_liveFile);
        var first = isShifted ? state.Base + state.Mark!.Shift : state.Base;
        var now = GrowingFile.Examine(_liveFile);
        return new LogExtent(first, state.Start, first + now.Length, state.Epoch, _liveInode, now.Modified);
    }

    private int ReadArchive(long offset, Span<byte> buffer)
    {
        if (_archive is null || offset < _archive.From || offset >= _archive.To)
        {
            _archive = Find(_archives, offset) ?? Find(Archives(), offset);
            _archiveFile?.Dispose();
            _archiveFile = _archive is null ? null : GrowingFile.TryOpen(_archive.Path, write: false);
        }

        return _archiveFile is null || _archive is null
            ? 0
            : RandomAccess.Read(_archiveFile, buffer, offset - _archive.From);
    }

    private static LogArchive? Find(IReadOnlyList<LogArchive> archives, long offset) =>
        archives.FirstOrDefault(archive => offset >= archive.From && offset < archive.To);
}

/// <summary>Where the bytes of a component are at one moment.</summary>
/// <param name="Base">Offset of the first byte of the live file.</param>
/// <param name="Start">Bytes below are in archives.</param>
/// <param name="End">The offset that the next byte will have.</param>
/// <param name="Epoch">How often somebody else emptied the live file.</param>
/// <param name="Inode">Which file the live one is.</param>
/// <param name="Modified">When it was last written; null while there is none.</param>
internal readonly record struct LogExtent(
    long Base, long Start, long End, int Epoch, ulong Inode, DateTimeOffset? Modified)
{
    /// <summary>True when every byte stands where it stood then.</summary>
    public bool IsSamePlace(LogExtent other) => (Base, Start, Epoch, Inode)
        == (other.Base, other.Start, other.Epoch, other.Inode);
}
