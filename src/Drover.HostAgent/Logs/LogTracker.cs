using Drover.Runtime.Docker;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Walks along a log from a cursor: tells which lines are new and where a reader stands after each. Fed with every
/// line that the engine gives from the cursor's second on, in the engine's order.
/// </summary>
internal sealed class LogTracker
{
    private readonly LogCursor? _start;
    private int _seenAtStart;
    private EngineTimestamp? _at;
    private int _count;

    /// <param name="start">Lines up to here were given; null: none were.</param>
    public LogTracker(LogCursor? start) => _start = start;

    /// <summary>Where a reader stands now; null before the first line of a reading without a cursor.</summary>
    public LogCursor? Cursor => _at is { } at ? new LogCursor(at, _count) : _start;

    /// <summary>Takes the next line.</summary>
    /// <returns>True when it is new.</returns>
    public bool Advance(EngineTimestamp timestamp)
    {
        if (_start is { } start && timestamp <= start.At)
        {
            if (timestamp < start.At || ++_seenAtStart <= start.Given)
            {
                return false;
            }

            if (_at is null)
            {
                (_at, _count) = (start.At, start.Given);
            }
        }

        if (_at is null || timestamp > _at)
        {
            (_at, _count) = (timestamp, 1);
        }
        else if (timestamp == _at)
        {
            _count++;
        }

        // A line a moment older than the last one (two streams are written by two writers) is given and moves nothing.
        return true;
    }
}
