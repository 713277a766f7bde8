using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Logs;

/// <summary>
/// The newest lines of a reading, bounded in number and size, and what is needed to make a page of them.
/// </summary>
internal sealed class TailWindow(LogPageRequest request)
{
    // The page's own bound holds after redaction; here it only keeps a log of very long lines out of memory.
    private const int SlackFactor = 4;

    private readonly Queue<LogLine> _lines = new();
    private readonly LogTracker _tracker = new(null);
    private long _characters;

    /// <summary>Lines that the engine gave.</summary>
    public int Read { get; private set; }

    /// <summary>Those of them that are asked for.</summary>
    public int Wanted { get; private set; }

    /// <summary>Time of the first line that the engine gave.</summary>
    public EngineTimestamp? FirstRead { get; private set; }

    /// <summary>Place after the last line.</summary>
    public LogCursor? Cursor => _tracker.Cursor;

    /// <summary>The newest of those asked for, oldest first.</summary>
    public IEnumerable<LogLine> Lines => _lines;

    /// <summary>Takes the next line and forgets what no page will need.</summary>
    public void Add(LogLine line)
    {
        var at = line.Timestamp ?? default;
        _tracker.Advance(at);
        FirstRead ??= at;
        Read++;
        if (!request.Wants(LineRedactor.NameOf(line.Stream)))
        {
            return;
        }

        Wanted++;
        _lines.Enqueue(line);
        _characters += line.Text.Length;
        while (_lines.Count > 1 && IsBeyondNeed())
        {
            _characters -= _lines.Dequeue().Text.Length;
        }
    }

    // The lines before the page are kept for the redactor, as many as were read for it.
    private bool IsBeyondNeed() =>
        _lines.Count > request.Bounds.Limit + 1 + LogPageReader.WarmUpLines
        || _characters > (long)request.Bounds.MaxCharacters * SlackFactor;
}
