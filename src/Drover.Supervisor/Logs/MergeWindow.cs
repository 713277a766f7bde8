using System.Diagnostics.CodeAnalysis;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Followed lines held back until none is expected any more that belongs before them. At most 4,096 lines and 4 Mi
/// characters (but one line whatever its length). Not thread-safe.
/// </summary>
internal sealed class MergeWindow(TimeSpan hold, TimeProvider time)
{
    private const int MaxLines = 4096;
    private const long MaxCharacters = 4 << 20;

    private readonly PriorityQueue<ComponentLine, (DateTimeOffset At, long Order)> _lines = new();
    private readonly Queue<(long Order, long Arrived)> _arrivals = new();
    private readonly HashSet<long> _left = [];
    private long _order;
    private long _characters;

    /// <summary>Takes a line.</summary>
    public void Add(ComponentLine line)
    {
        _arrivals.Enqueue((_order, time.GetTimestamp()));
        _lines.Enqueue(line, (line.At, _order++));
        _characters += line.Text.Length;
    }

    /// <summary>Gives the earliest line when more are held than there is room for.</summary>
    public bool TryTakeOverflow([NotNullWhen(true)] out ComponentLine? line)
    {
        line = null;
        return (_lines.Count > MaxLines || (_characters > MaxCharacters && _lines.Count > 1)) && TryTake(out line);
    }

    /// <summary>Gives the earliest line while any is held that has waited long enough: it cannot leave before
    /// those that are earlier.</summary>
    public bool TryTakeDue([NotNullWhen(true)] out ComponentLine? line)
    {
        line = null;
        return _arrivals.TryPeek(out var oldest)
            && time.GetElapsedTime(oldest.Arrived) >= hold
            && TryTake(out line);
    }

    private bool TryTake([NotNullWhen(true)] out ComponentLine? line)
    {
        if (!_lines.TryDequeue(out line, out var place))
        {
            return false;
        }

        _characters -= line.Text.Length;
        _left.Add(place.Order);
        while (_arrivals.TryPeek(out var oldest) && _left.Remove(oldest.Order))
        {
            _arrivals.Dequeue();
        }

        return true;
    }
}
