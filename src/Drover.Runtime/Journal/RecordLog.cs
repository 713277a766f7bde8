namespace Drover.Runtime.Journal;

/// <summary>
/// A small durable log that its owner reads whole when it opens and rewrites when it has grown: the journal of what
/// was begun and what came of it. An appended record is on disk when <see cref="Append"/> returns; one that was noted
/// outlives this process but not the power until <see cref="Sync"/>. Thread-safe. One process at a time; the owner of
/// the directory holds its lock.
/// </summary>
public sealed class RecordLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly IRecordDisk _disk;
    private RecordFile _file;

    private RecordLog(string path, IRecordDisk disk)
    {
        (_path, _disk) = (path, disk);
        _file = RecordFile.Open(path, disk);
    }

    /// <summary>Bytes on disk, by which the owner decides when to rewrite.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _file.Length;
            }
        }
    }

    /// <summary>Opens or makes the log. A tail that a power cut left torn is removed; it was never promised.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static RecordLog Open(string path) => new(path, MachineDisk.Instance);

    /// <summary>As the other, on a disk that is given.</summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static RecordLog Open(string path, IRecordDisk disk) => new(path, disk);

    /// <summary>
    /// All whole records of a file as it is at this instant, oldest first, for those who do not own it: nothing is
    /// taken away, made or locked. None where there is no file.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Peek(string path) => RecordFile.Peek(path);

    /// <summary>All records, oldest first.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> ReadAll()
    {
        lock (_gate)
        {
            return [.. _file.Records.Select(place => (ReadOnlyMemory<byte>)_file.Read(place))];
        }
    }

    /// <summary>Adds one record and returns when it is on disk.</summary>
    /// <exception cref="IOException">The disk refused; the log is as before.</exception>
    public void Append(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            _file.Append(_file.Records.Count, payload);
            _file.Flush();
        }
    }

    /// <summary>
    /// Adds one record that the kernel keeps although this process is killed in the next instant. A power cut may take
    /// it, and then everything after it, until <see cref="Sync"/>. A hundredth of the price of <see cref="Append"/>.
    /// </summary>
    /// <exception cref="IOException">The disk refused; the log is as before.</exception>
    public void Note(ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            _file.Append(_file.Records.Count, payload);
        }
    }

    /// <summary>Returns when all that was noted is on disk.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Sync()
    {
        lock (_gate)
        {
            _file.Flush();
        }
    }

    /// <summary>Adds records in order and returns when all are on disk; a cut in between keeps the first of
    /// them.</summary>
    /// <exception cref="IOException">The disk refused; how many were added is not known.</exception>
    public void AppendAll(IEnumerable<ReadOnlyMemory<byte>> payloads)
    {
        lock (_gate)
        {
            foreach (var payload in payloads)
            {
                _file.Append(_file.Records.Count, payload.Span);
            }

            _file.Flush();
        }
    }

    /// <summary>Replaces all records, whole or not at all.</summary>
    /// <exception cref="IOException">The disk refused; the log is as before.</exception>
    public void Rewrite(IEnumerable<ReadOnlyMemory<byte>> payloads)
    {
        lock (_gate)
        {
            var replacement = _path + ".new";
            _disk.Delete(replacement);
            var file = RecordFile.Open(replacement, _disk);
            try
            {
                foreach (var payload in payloads)
                {
                    file.Append(file.Records.Count, payload.Span);
                }

                file.Flush();
                _disk.Replace(replacement, _path);
            }
            catch
            {
                file.Dispose();
                throw;
            }

            // It is not opened anew: with no descriptor to be had, what follows would go to a file that has no name.
            _file.Dispose();
            _file = file;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _file.Dispose();
        }
    }
}
