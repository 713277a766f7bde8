namespace Drover.Supervisor.Logs;

/// <summary>
/// Reads one component's log from its files, in any process, whether or not a keeper runs: the last lines without
/// reading the rest, since a moment, and on as they are written, over rotations, restarts of the component and files
/// that somebody else emptied. Not thread-safe.
/// </summary>
internal sealed class LogReader(string component, LogDirectory directory, LogSelection selection, TimeProvider time)
    : ILogReading, IDisposable
{
    /// <summary>What stands so long without a line end is given as part of a line.</summary>
    public static readonly TimeSpan RestAfter = TimeSpan.FromSeconds(1);

    private readonly LogBytes _bytes = new(directory, component);
    private LogClock? _clock;
    private LogLines? _lines;
    private long _until;
    private int _epoch;
    private bool _isCaughtUp;
    private DateTimeOffset _last;
    private (long Offset, long Since) _quiet;
    private string? _complaint;

    /// <inheritdoc/>
    public ValueTask<ComponentLine?> TryReadAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(TryRead());
    }

    /// <summary>The same: a file never lets its reader wait. What hinders it is a remark, told once, and no
    /// exception: other components have lines too.</summary>
    public ComponentLine? TryRead()
    {
        try
        {
            return _isCaughtUp ? Follow() : ReadWhatWasThere();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            if (failure.Message == _complaint)
            {
                _isCaughtUp = true;
                return null;
            }

            _complaint = failure.Message;
            return new ComponentLine(
                component,
                _last > DateTimeOffset.MinValue ? _last : time.GetUtcNow(),
                $"cannot read the log of \"{component}\": {failure.Message}",
                IsRemark: true);
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose() => _bytes.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private ComponentLine? ReadWhatWasThere()
    {
        var lines = _lines ??= Begin();
        while (lines.Offset < _until && (lines.TryRead(out var piece) || TryTakeEnd(lines, out piece)))
        {
            var line = ToLine(piece);
            if (selection.Since is not { } since || line.At >= since)
            {
                return line;
            }
        }

        _isCaughtUp = true;
        return null;
    }

    /// <summary>Of a log that is followed, the line at the end may yet be finished.</summary>
    private bool TryTakeEnd(LogLines lines, out LogPiece piece)
    {
        piece = default;
        return !selection.Follow && lines.TryTakeRest(out piece);
    }

    private ComponentLine? Follow()
    {
        if (!selection.Follow)
        {
            return null;
        }

        var lines = _lines ??= Begin();
        if (!TryReadOfOneEpoch(lines, out var piece) && !(IsRestDue(lines) && lines.TryTakeRest(out piece)))
        {
            return null;
        }

        return ToLine(piece);
    }

    /// <summary>Offsets of what somebody else emptied may have been given out beyond what the keeper had seen: what a
    /// reader fetched over such a change begins anew.</summary>
    private bool TryReadOfOneEpoch(LogLines lines, out LogPiece piece)
    {
        var isRead = lines.TryRead(out piece);
        if (_bytes.Epoch == _epoch)
        {
            return isRead;
        }

        var extent = _bytes.Extent();
        _epoch = extent.Epoch;
        lines.MoveTo(extent.Start);
        return lines.TryRead(out piece);
    }

    private bool IsRestDue(LogLines lines)
    {
        var now = time.GetTimestamp();
        if (!lines.HasRest || _quiet.Offset != lines.Seen)
        {
            _quiet = (lines.Seen, now);
            return false;
        }

        return time.GetElapsedTime(_quiet.Since, now) >= RestAfter;
    }

    private LogLines Begin()
    {
        _clock = new LogClock(directory, component, _bytes);
        _clock.Refresh();
        var extent = _bytes.Extent();
        (_until, _epoch) = (extent.End, extent.Epoch);
        var start = _bytes.NextAfterGap(0);
        if (selection.Since is { } since)
        {
            var first = Math.Clamp(_clock.StartOf(since), start, _until);
            start = LogTail.StartOf(_bytes, first, 0, LogLines.MaxLineBytes);
        }

        if (selection.Tail is { } tail)
        {
            start = Math.Max(start, LogTail.StartOf(_bytes, _until, tail));
        }

        return new LogLines(_bytes, start);
    }

    private ComponentLine ToLine(LogPiece piece)
    {
        // The clock may have been set back in between; the order of lines is certain, their times are not.
        var at = _clock!.TimeOf(piece.End);
        _last = at > _last ? at : _last;
        return new ComponentLine(component, _last, piece.Text, piece.IsPart);
    }
}

/// <summary>The log of a component that is a process.</summary>
internal sealed class FileLogSource(string component, LogDirectory directory, TimeProvider time) : ILogSource
{
    /// <inheritdoc/>
    public string Component => component;

    /// <inheritdoc/>
    public ILogReading Open(LogSelection selection) => new LogReader(component, directory, selection, time);
}
