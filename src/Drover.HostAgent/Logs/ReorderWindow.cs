using System.Diagnostics.CodeAnalysis;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Lines held back until none is expected any more that belongs before them; they leave in the order of their times,
/// lines of one time in the order they came. Holds at most 4,096 lines and 4 Mi characters (but 16 lines whatever
/// their length, and the engine's client cuts a line at 1 MiB). Not thread-safe.
/// </summary>
internal sealed class ReorderWindow
{
    private const int MostLines = 4096;
    private const int FewestLines = 16;
    private const long MostCharacters = 4 << 20;

    private readonly PriorityQueue<LogLine, Place> _lines = new();
    private readonly Queue<(long Arrived, Place Place)> _arrivals = new();
    private long _order;
    private long _characters;

    /// <summary>When the line that has been held the longest came; null while none is held.</summary>
    public long? OldestArrival => _arrivals.TryPeek(out var oldest) ? oldest.Arrived : null;

    /// <summary>Takes the next line, to be held as long as there is room.</summary>
    public void Add(LogLine line) => Enqueue(line);

    /// <summary>Takes the next line, to be asked for by the time it came.</summary>
    /// <param name="line">As the engine gave it.</param>
    /// <param name="arrived">By any clock that only goes forward.</param>
    public void Add(LogLine line, long arrived) => _arrivals.Enqueue((arrived, Enqueue(line)));

    /// <summary>Gives the earliest line when more are held than the window holds.</summary>
    public bool TryTakeOverflow([NotNullWhen(true)] out LogLine? line)
    {
        line = null;
        return (_lines.Count > MostLines || (_characters > MostCharacters && _lines.Count > FewestLines))
            && TryTake(out line);
    }

    /// <summary>Gives the earliest line while one that came by then is held.</summary>
    public bool TryTakeArrivedBy(long moment, [NotNullWhen(true)] out LogLine? line)
    {
        line = null;
        return OldestArrival <= moment && TryTake(out line);
    }

    /// <summary>Gives the earliest line.</summary>
    public bool TryTake([NotNullWhen(true)] out LogLine? line)
    {
        if (!_lines.TryDequeue(out line, out var taken))
        {
            return false;
        }

        _characters -= line.Text.Length;

        // What has left is forgotten from the front: there it keeps nothing behind it from being due.
        while (_arrivals.TryPeek(out var oldest) && IsGone(oldest.Place))
        {
            _arrivals.Dequeue();
        }

        return true;

        bool IsGone(Place place) => !_lines.TryPeek(out _, out var first) || place.CompareTo(first) < 0;
    }

    private Place Enqueue(LogLine line)
    {
        var place = new Place(line.Timestamp ?? default, _order++);
        _lines.Enqueue(line, place);
        _characters += line.Text.Length;
        return place;
    }

    private readonly record struct Place(EngineTimestamp At, long Order) : IComparable<Place>
    {
        public int CompareTo(Place other) =>
            At.CompareTo(other.At) is var byTime and not 0 ? byTime : Order.CompareTo(other.Order);
    }
}
