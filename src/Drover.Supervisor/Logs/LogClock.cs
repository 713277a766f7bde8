using Drover.Runtime.Files;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Tells a reader when bytes were written: from the keeper's notes, and where they say nothing, from the times of the
/// archives and of the live file. Follows the notes as they grow. Not thread-safe.
/// </summary>
internal sealed class LogClock(LogDirectory directory, string name, LogBytes bytes)
{
    private readonly string _path = directory.TimesOf(name);
    private LogTimeline _timeline = new();
    private ulong _inode;
    private long _position;
    private TimelinePoint _now;

    /// <summary>When the byte before <paramref name="end"/> was written.</summary>
    public DateTimeOffset TimeOf(long end)
    {
        if (end > _now.Offset)
        {
            Refresh();
        }

        return (end > LastNoted ? null : _timeline.TimeOf(end)) ?? _now.At;
    }

    /// <summary>No byte below was written at or after <paramref name="since"/>, as far as is known.</summary>
    public long StartOf(DateTimeOffset since)
    {
        Refresh();
        return _timeline.StartOf(since);
    }

    /// <summary>Takes in what was noted since.</summary>
    public void Refresh()
    {
        var facts = GrowingFile.Examine(_path);
        if (facts is null || facts.Value.Inode != _inode || facts.Value.Length < _position)
        {
            Reload(facts?.Inode ?? 0);
        }

        _position = LogTimelineFile.Read(_path, _position, _timeline);
        var extent = bytes.Extent();
        _now = new(extent.Modified ?? DateTimeOffset.UnixEpoch, extent.End);
    }

    private long LastNoted => _timeline.Count > 0 ? _timeline.Points[^1].Offset : 0;

    private void Reload(ulong inode)
    {
        var noted = new LogTimeline();
        _position = LogTimelineFile.Read(_path, 0, noted);
        _inode = inode;
        _timeline = new();
        var firstNoted = noted.Count > 0 ? noted.Points[0].Offset : long.MaxValue;
        foreach (var archive in bytes.Archives().Where(archive => archive.To < firstNoted))
        {
            _timeline.Add(new(archive.LastWrite, archive.To));
        }

        foreach (var point in noted.Points)
        {
            _timeline.Add(point);
        }
    }
}
