using Drover.Runtime.Files;
using Drover.Supervisor.State;
using Microsoft.Win32.SafeHandles;

namespace Drover.Supervisor.Logs;

/// <summary>
/// One component's log in the keeper's hands: looked at on every pass, its growth noted with the time, its front made
/// an archive when it is due. Holds no file open between passes. Locks itself.
/// </summary>
internal sealed class KeptLog(
    LogDirectory directory,
    string name,
    LogPolicy policy,
    Func<LogRotation> rotation,
    TimeProvider time,
    Action<LogNotice> tell)
{
    private const int MaxArchivesPerPass = 4;
    private const int MaxGapTicks = 2;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(1);

    // The kernel stamps files by a clock that ticks every few milliseconds.
    private static readonly TimeSpan StampSlack = TimeSpan.FromMilliseconds(50);

    private readonly Lock _gate = new();
    private readonly string _live = directory.LiveOf(name);
    private readonly SizeWarning _size = new(name, tell);
    private LogState _state = LogState.Initial;
    private bool _isOpen;
    private bool _isMissing;
    private bool _hasFailed;
    private bool _hasArchives;
    private long _end;
    private int _records;
    private DateTimeOffset _lastLook;
    private DateTimeOffset _lastGrowth;
    private DateTimeOffset _retryAt;
    private DateTimeOffset _pruneAt;
    private DateTimeOffset? _frontAt;

    /// <summary>What is kept.</summary>
    public LogPolicy Policy { get; set; } = policy;

    /// <summary>True when the last pass left work that is due at once.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>True while it has grown of late: it is then looked at more often.</summary>
    public bool IsActive(DateTimeOffset now) => (now - _lastGrowth).Duration() < LogKeeper.ActiveFor;

    /// <summary>Makes the file ready for an instance that is about to be started.</summary>
    /// <returns>The offset of the first byte that the instance will write.</returns>
    public long Prepare()
    {
        lock (_gate)
        {
            directory.Prepare(name);
            try
            {
                Look(time.GetUtcNow());
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // There is a file to write to; that nothing can be noted of it is no reason to keep the component down.
                var wasOpen = _isOpen;
                _isOpen = false;
                Fail(failure);
                return wasOpen ? _end : GrowingFile.Examine(_live)?.Length ?? 0;
            }

            return _end;
        }
    }

    /// <summary>Notes growth and rotates what is due.</summary>
    public void Pass()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            IsBehind = false;
            if (_hasFailed && now < _retryAt && now > _retryAt - RetryAfter)
            {
                return;
            }

            try
            {
                if (Look(now))
                {
                    RotateIfDue(now);
                    Prune(now);
                }

                Succeeded();
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // What is on disk may be a step ahead of what is remembered here.
                _isOpen = false;
                _retryAt = now + RetryAfter;
                Fail(failure);
            }
        }
    }

    private bool Look(DateTimeOffset now)
    {
        if (GrowingFile.Examine(_live) is not { } facts)
        {
            if (_isOpen && !_isMissing)
            {
                tell(new LogNotice.Replaced(
                    name,
                    $"the log of \"{name}\" was deleted: what the running instance writes can no longer be read; "
                        + "restart it to have a log again"));
            }

            _isMissing = true;
            return false;
        }

        _isMissing = false;
        if (!_isOpen)
        {
            Open(facts);
        }

        if (facts.Inode != _state.Inode || _state.Base + facts.Length < _end)
        {
            Rebase(facts);
        }

        if (_state.Base + facts.Length > _end)
        {
            Note(now, facts);
        }

        _lastLook = now;
        return true;
    }

    private void Open(FileFacts facts)
    {
        var timeline = new LogTimeline();
        LogTimelineFile.Read(directory.TimesOf(name), 0, timeline);
        _records = timeline.Count;
        var archives = directory.ArchivesOf(name);
        _hasArchives = archives.Count > 0;
        var archived = _hasArchives ? archives.Max(archive => archive.To) : 0;
        using var file = GrowingFile.TryOpen(_live, write: true)
            ?? throw new IOException($"cannot open the log of \"{name}\": it was deleted just now");
        var state = LogState.Read(directory.StateOf(name));
        var isNew = state is null;

        // With its note lost, the file begins where the archives end, and a hole at its front is among them.
        var hole = isNew ? GrowingFile.FirstData(file) ?? 0 : 0;
        state ??= new LogState { Base = Math.Max(0, archived - hole), Start = archived, Inode = facts.Inode };
        if (isNew)
        {
            Directory.CreateDirectory(directory.Notes);
            state.Write(directory.StateOf(name));
        }

        var isBegun = state.Mark is not null || state.Start > state.Base || archived > state.Start;
        if (isBegun && facts.Inode == state.Inode)
        {
            state = rotation().Resume(name, state, file);
        }

        _state = state;
        var noted = timeline.Count > 0 ? timeline.Points[^1].Offset : 0;
        _end = Math.Max(state.Start, noted);
        _isOpen = true;
    }

    /// <summary>Somebody else emptied or replaced the file: what is in it now is new.</summary>
    private void Rebase(FileFacts facts)
    {
        using var file = GrowingFile.TryOpen(_live, write: true);
        var hole = file is null ? 0 : GrowingFile.FirstData(file) ?? 0;
        var state = new LogState
        {
            Base = _end,
            Start = _end + hole,
            Inode = facts.Inode,
            Epoch = _state.Epoch + 1,
        };
        state.Write(directory.StateOf(name));
        _state = state;
        _frontAt = null;
        tell(new LogNotice.Replaced(
            name,
            $"the log of \"{name}\" was emptied or replaced by somebody else: lines that were in it and in no archive "
                + "are lost"));
    }

    private void Note(DateTimeOffset now, FileFacts facts)
    {
        var end = _state.Base + facts.Length;
        var isStampUsable = facts.Modified + StampSlack >= _lastLook && facts.Modified <= now + StampSlack;
        var at = !isStampUsable ? now : facts.Modified < _lastLook ? _lastLook : facts.Modified;
        var wasQuiet = _lastLook != default && now - _lastGrowth > LogKeeper.BusyTick * MaxGapTicks;
        _lastGrowth = now;

        // After a quiet time the moment until which nothing came is known too.
        TimelinePoint[] points = wasQuiet && _lastLook < at
            ? [new(_lastLook, _end), new(at, end)]
            : [new(at, end)];
        _end = end;
        _records = LogTimelineFile.Append(directory.TimesOf(name), points);
        if (_records > LogTimelineFile.MaxRecords)
        {
            var archives = directory.ArchivesOf(name);
            _records = LogTimelineFile.Thin(
                directory.TimesOf(name), archives.Count > 0 ? archives[0].From : _state.Start);
        }
    }

    private void RotateIfDue(DateTimeOffset now)
    {
        for (var made = 0; _state.Mark is not null || IsLarge || IsOld(now); made++)
        {
            var rotating = rotation();
            if (rotating.Removal.Kind is RemovalKind.None)
            {
                _size.Look(_end - _state.Start, Policy);
                return;
            }

            using var file = GrowingFile.TryOpen(_live, write: true);
            if (file is null || GrowingFile.Examine(file).Inode != _state.Inode)
            {
                return;
            }

            if (made == MaxArchivesPerPass)
            {
                IsBehind = true;
                return;
            }

            if (_state.Mark is not null)
            {
                _state = rotating.Resume(name, _state, file);
            }
            else if (!Rotate(now, rotating, file))
            {
                return;
            }
        }
    }

    private bool IsLarge => _end - _state.Start >= Policy.MaxBytes;

    private bool Rotate(DateTimeOffset now, LogRotation rotating, SafeFileHandle file)
    {
        if (_end - _state.Start - Policy.MaxBytes >= Policy.MaxKeptBytes
            && LogCut.Find(
                file, _state, _end, _end - _state.Start - Policy.MaxKeptBytes, rotating.Removal.Alignment) is { } old)
        {
            // The component writes faster than archives are made.
            _state = rotating.Discard(name, _state, file, old);
            return true;
        }

        var wasLarge = IsLarge;
        if (LogCut.Find(file, _state, _end, Policy.MaxBytes, rotating.Removal.Alignment) is not { } cut)
        {
            return false;
        }

        var written = Timeline().TimeOf(cut) ?? now;
        _state = rotating.Rotate(name, _state, file, cut, (now, written));

        // What an archive by age leaves behind, less than a block or so, waits for the next one.
        _frontAt = wasLarge ? null : now;
        _pruneAt = default;
        _hasArchives = true;
        Prune(now);
        return true;
    }

    private bool IsOld(DateTimeOffset now)
    {
        if (_end - _state.Start <= FrontRemoval.SmallestAlignment)
        {
            return false;
        }

        _frontAt ??= Timeline().TimeOf(_state.Start + 1) ?? now;
        return now - _frontAt >= Policy.MaxAge;
    }

    private LogTimeline Timeline()
    {
        var timeline = new LogTimeline();
        LogTimelineFile.Read(directory.TimesOf(name), 0, timeline);
        return timeline;
    }

    private void Prune(DateTimeOffset now)
    {
        if (!_hasArchives || (now < _pruneAt && _pruneAt - now <= PruneEvery))
        {
            return;
        }

        _pruneAt = now + PruneEvery;
        LogArchive.DeleteBeyond(directory.ArchivesOf(name), Policy, now);
    }

    private void Fail(Exception failure)
    {
        if (!_hasFailed)
        {
            _hasFailed = true;
            tell(new LogNotice.Failed(name, DiskRefusal.Why(failure)));
        }
    }

    private void Succeeded()
    {
        if (_hasFailed)
        {
            _hasFailed = false;
            tell(new LogNotice.Resumed(name, $"the log of \"{name}\" is kept again"));
        }
    }
}
