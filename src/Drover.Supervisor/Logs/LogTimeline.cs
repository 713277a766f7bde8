namespace Drover.Supervisor.Logs;

/// <summary>
/// When the bytes of a component were written: moments at which it was seen how many there were. Between two of them
/// they are taken to have come evenly. Offsets never decrease; times do where the clock was set back.
/// </summary>
internal sealed class LogTimeline
{
    private readonly List<TimelinePoint> _points = [];

    /// <summary>How many moments are known.</summary>
    public int Count => _points.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyList<TimelinePoint> Points => _points;

    /// <summary>Adds what is known next; what contradicts the order of offsets is left out.</summary>
    public void Add(TimelinePoint point)
    {
        if (_points.Count is 0 || point.Offset >= _points[^1].Offset)
        {
            _points.Add(point);
        }
    }

    /// <summary>When the byte before <paramref name="end"/> was written; null where nothing is known.</summary>
    public DateTimeOffset? TimeOf(long end)
    {
        if (_points.Count is 0)
        {
            return null;
        }

        var next = FirstAtOrBeyond(end);
        if (next == _points.Count)
        {
            return _points[^1].At;
        }

        if (next is 0 || _points[next].Offset == end)
        {
            return _points[next].At;
        }

        var (from, to) = (_points[next - 1], _points[next]);
        var share = (double)(end - from.Offset) / (to.Offset - from.Offset);
        return to.At <= from.At ? to.At : from.At + ((to.At - from.At) * share);
    }

    /// <summary>No byte below was written at or after <paramref name="since"/>, as far as is known.</summary>
    public long StartOf(DateTimeOffset since)
    {
        var last = _points.Count - 1;
        while (last >= 0 && _points[last].At >= since)
        {
            last--;
        }

        return last < 0 ? 0 : _points[last].Offset;
    }

    private int FirstAtOrBeyond(long offset)
    {
        var (low, high) = (0, _points.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _points[middle].Offset < offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}

/// <summary>At this moment the component had written so many bytes in all.</summary>
internal readonly record struct TimelinePoint(DateTimeOffset At, long Offset);
