using System.Text.Json;
using Drover.Runtime.Journal;

namespace Drover.Runtime.Uplink;

/// <summary>
/// The book of what was kept of each source, so that an event that its maker tells again after a crash is kept once.
/// Written behind the spool; what the spool has beyond it is taken in at the next start. Owned by one loop.
/// </summary>
internal sealed class EventMarks : IDisposable
{
    /// <summary>
    /// A maker begins a stream with each of its lives and tells what is left of the ones before: of so many lives that
    /// were cut short one after the other, nothing is kept twice.
    /// </summary>
    private const int StreamsOfASource = 16;

    private const long RewriteAt = 64 << 10;

    private readonly RecordLog _log;
    private readonly Dictionary<string, List<EventMark>> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Source, string Stream), EventMark> _unwritten = [];
    private long _spooledThrough;
    private long _writtenThrough;
    private long _bytesAfterRewrite;

    private EventMarks(RecordLog log) => _log = log;

    /// <summary>Reads the book and what the spool has beyond it.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    internal static EventMarks Open(string path, Spool spool)
    {
        var marks = new EventMarks(RecordLog.Open(path));
        foreach (var line in marks._log.ReadAll().Select(Parse).OfType<EventMarkLine>())
        {
            marks.Keep(line.Mark);
            marks._writtenThrough = Math.Max(marks._writtenThrough, line.SpooledThrough);
        }

        marks._spooledThrough = marks._writtenThrough;
        foreach (var entry in spool.Peek(int.MaxValue, int.MaxValue).Entries)
        {
            if (entry.Number > marks._writtenThrough && EventForwarder.Parse(entry.Payload)?.Mark is { } mark)
            {
                marks.Note(mark, entry.Number);
            }
        }

        marks.Write();
        return marks;
    }

    /// <summary>True for an event that is kept already.</summary>
    internal bool Has(EventMark mark) =>
        _last.GetValueOrDefault(mark.Source)?.Find(last => last.Stream == mark.Stream) is { } last
        && mark.Number <= last.Number;

    /// <summary>The event is in the spool under that number.</summary>
    internal void Note(EventMark mark, long spooled)
    {
        Keep(mark);
        _unwritten[(mark.Source, mark.Stream)] = mark;
        _spooledThrough = spooled;
    }

    /// <summary>Returns when what was noted is on disk; what the disk refuses is written with the next.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    internal void Write()
    {
        if (_unwritten.Count == 0)
        {
            return;
        }

        if (_log.Bytes > Math.Max(RewriteAt, 4 * _bytesAfterRewrite))
        {
            _log.Rewrite(_last.Values.SelectMany(marks => marks).Select(mark => Line(mark, _spooledThrough)));
            _bytesAfterRewrite = _log.Bytes;
        }
        else
        {
            // Only the last line vouches for the spool: a cut between two must not hide what the others lack.
            var marks = _unwritten.Values.ToList();
            _log.AppendAll(
            [
                .. marks.SkipLast(1).Select(mark => Line(mark, _writtenThrough)), Line(marks[^1], _spooledThrough),
            ]);
        }

        _writtenThrough = _spooledThrough;
        _unwritten.Clear();
    }

    public void Dispose() => _log.Dispose();

    private void Keep(EventMark mark)
    {
        if (!_last.TryGetValue(mark.Source, out var streams))
        {
            _last.Add(mark.Source, streams = []);
        }

        streams.RemoveAll(one => one.Stream == mark.Stream);
        streams.Add(mark);
        if (streams.Count > StreamsOfASource)
        {
            streams.RemoveAt(0);
        }
    }

    private static ReadOnlyMemory<byte> Line(EventMark mark, long spooledThrough) =>
        JsonSerializer.SerializeToUtf8Bytes(
            new EventMarkLine(mark, spooledThrough), UplinkFilesJson.Default.EventMarkLine);

    private static EventMarkLine? Parse(ReadOnlyMemory<byte> line)
    {
        try
        {
            return JsonSerializer.Deserialize(line.Span, UplinkFilesJson.Default.EventMarkLine);
        }
        catch (JsonException)
        {
            // Of another version.
            return null;
        }
    }
}
