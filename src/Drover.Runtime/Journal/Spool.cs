using System.Globalization;

namespace Drover.Runtime.Journal;

/// <summary>
/// A durable, ordered, bounded queue on disk: what must reach somebody who is away. Entries are appended, made durable
/// by <see cref="Flush"/>, read by <see cref="Peek"/> and forgotten by <see cref="Acknowledge"/>. It survives a cut at
/// every byte. When it is full the oldest entries are dropped, and the reader is told how many: a loss is a gap in the
/// numbers, so it cannot be silent, not even over a crash. Thread-safe. One process at a time; the owner of the
/// directory holds its lock.
/// </summary>
public sealed class Spool : IDisposable
{
    private const string SegmentSuffix = ".seg";

    /// <summary>A wholly acknowledged file larger than this is deleted; a smaller one is written on.</summary>
    private const int KeptBytes = 64 << 10;

    private readonly Lock _gate = new();
    private readonly string _directory;
    private readonly SpoolOptions _options;
    private readonly SpoolPosition _position;
    private readonly List<RecordFile> _segments;
    private long _next;
    private long _flushed;

    private Spool(string directory, SpoolOptions options)
    {
        _directory = directory;
        _options = options;
        _position = SpoolPosition.Open(Path.Combine(directory, "position"));
        _segments =
        [
            .. Directory.GetFiles(directory, "*" + SegmentSuffix).Order(StringComparer.Ordinal).Select(RecordFile.Open)
        ];
        var numbers = _segments.SelectMany(segment => segment.Records).Select(record => record.Number);
        var last = numbers.DefaultIfEmpty(0).Max();
        _next = Math.Max(last, _position.Acknowledged) + 1;
        _flushed = _next - 1;
        Forget();
    }

    /// <summary>Entries that are not acknowledged, dropped ones not counted.</summary>
    public long Count
    {
        get
        {
            lock (_gate)
            {
                return _segments.Sum(
                    segment => segment.Records.LongCount(record => record.Number > _position.Acknowledged));
            }
        }
    }

    /// <summary>Bytes on disk.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
            {
                return _segments.Sum(segment => (long)segment.Length);
            }
        }
    }

    /// <summary>The largest payload it takes.</summary>
    public int MaxEntryBytes => _options.MaxEntryBytes;

    /// <summary>Opens the spool in an existing or new directory of its own, keeping every whole entry found
    /// there.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static Spool Open(string directory, SpoolOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBytes, 64 << 10);
        Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return new Spool(directory, options);
    }

    /// <summary>Adds an entry behind all others. It is promised, and readable, after <see cref="Flush"/>.</summary>
    /// <returns>Its number.</returns>
    /// <exception cref="ArgumentException">The payload is larger than
    /// <see cref="SpoolOptions.MaxEntryBytes"/>.</exception>
    /// <exception cref="IOException">The disk refused; nothing was added.</exception>
    public long Append(ReadOnlySpan<byte> payload)
    {
        if (payload.Length > _options.MaxEntryBytes)
        {
            throw new ArgumentException(
                $"cannot spool {payload.Length} bytes: an entry has at most {_options.MaxEntryBytes}", nameof(payload));
        }

        lock (_gate)
        {
            var active = SegmentFor(payload.Length);
            active.Append(_next, payload);
            return _next++;
        }
    }

    /// <summary>Returns when every appended entry is on disk.</summary>
    /// <exception cref="IOException">The disk refused; nothing is promised of what was appended since the last
    /// flush.</exception>
    public void Flush()
    {
        lock (_gate)
        {
            // Earlier segments were flushed when they were left.
            if (_flushed < _next - 1)
            {
                _segments[^1].Flush();
                _flushed = _next - 1;
            }
        }
    }

    /// <summary>The oldest durable entries that are not acknowledged; they stay until they are.</summary>
    /// <param name="maxEntries">At most so many, at least 1.</param>
    /// <param name="maxBytes">At most so many bytes of payload, but always one entry.</param>
    public SpoolBatch Peek(int maxEntries, int maxBytes)
    {
        lock (_gate)
        {
            var entries = new List<SpoolEntry>();
            var bytes = 0L;
            var lost = 0L;
            foreach (var (segment, record) in Waiting())
            {
                if (entries.Count == 0)
                {
                    lost = record.Number - _position.Acknowledged - 1;
                }
                else if (entries.Count >= maxEntries || bytes + record.Length > maxBytes
                    || record.Number != entries[^1].Number + 1)
                {
                    break;
                }

                entries.Add(new SpoolEntry(record.Number, segment.Read(record)));
                bytes += record.Length;
            }

            return new SpoolBatch(lost, entries);
        }
    }

    /// <summary>Forgets all entries up to <paramref name="through"/>; returns when that is on disk. A smaller number
    /// than before changes nothing.</summary>
    /// <exception cref="IOException">The disk refused; nothing is forgotten.</exception>
    public void Acknowledge(long through)
    {
        lock (_gate)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(through, _next - 1);
            if (through > _position.Acknowledged)
            {
                _position.Move(through);
                Forget();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _position.Dispose();
            _segments.ForEach(segment => segment.Dispose());
        }
    }

    private IEnumerable<(RecordFile Segment, RecordPlace Record)> Waiting() =>
        from segment in _segments
        from record in segment.Records
        where record.Number > _position.Acknowledged && record.Number <= _flushed
        select (segment, record);

    private RecordFile SegmentFor(int payloadLength)
    {
        var size = RecordFile.SizeOf(payloadLength);
        if (_segments.Count == 0 || (_segments[^1].Length > 0 && _segments[^1].Length + size > _options.SegmentBytes))
        {
            Flush();
            var name = _next.ToString("D20", CultureInfo.InvariantCulture) + SegmentSuffix;
            _segments.Add(RecordFile.Open(Path.Combine(_directory, name)));
        }

        while (_segments.Count > 1 && _segments.Sum(segment => (long)segment.Length) + size > _options.MaxBytes)
        {
            Delete(_segments[0]);
        }

        return _segments[^1];
    }

    private void Forget()
    {
        while (_segments.Count > 0 && IsSettled(_segments[0])
            && (_segments.Count > 1 || _segments[0].Length > KeptBytes))
        {
            Delete(_segments[0]);
        }
    }

    private bool IsSettled(RecordFile segment) =>
        segment.Records.Count == 0 || segment.Records[^1].Number <= _position.Acknowledged;

    private void Delete(RecordFile segment)
    {
        _segments.Remove(segment);
        segment.Dispose();
        File.Delete(segment.Path);
    }
}
