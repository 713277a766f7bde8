using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Logs;

/// <summary>
/// Keeps the logs of all components with one loop: notes when how much was written, makes archives, forgets old ones.
/// It never stands between a component and its file; without it a log goes on growing, and it catches up on its next
/// start. One keeper a directory: the daemon's lock sees to that.
/// </summary>
/// <remarks>
/// Growth is seen by statx(2) on a tick, every 250 ms while a log grows and every second otherwise, not by inotify,
/// whose every event costs a component that writes much (decision 0069). What it notes is the time
/// the file system stamped, so a tick of a second loses no precision.
/// </remarks>
internal sealed partial class LogKeeper
{
    /// <summary>How often a log that grows is looked at.</summary>
    public static readonly TimeSpan BusyTick = TimeSpan.FromMilliseconds(250);

    /// <summary>How often any other is.</summary>
    public static readonly TimeSpan IdleTick = TimeSpan.FromSeconds(1);

    /// <summary>A log that grew within this time is one that grows.</summary>
    public static readonly TimeSpan ActiveFor = TimeSpan.FromSeconds(3);

    private readonly LogDirectory _directory;
    private readonly TimeProvider _time;
    private readonly Action<LogNotice> _tell;
    private readonly ILogger<LogKeeper> _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, KeptLog> _logs = new(StringComparer.Ordinal);
    private readonly DiskWatch _disk;
    private readonly Action<RotationStep> _reached;
    private LogRotation? _rotation;
    private DateTimeOffset _idleDue;

    /// <param name="directory">Where the logs are.</param>
    /// <param name="time">Paces the loop and dates archives.</param>
    /// <param name="tell">What people should know, once each.</param>
    /// <param name="log">The same for the terminal.</param>
    /// <param name="removal">How a front is given back; null finds out.</param>
    /// <param name="reached">Called after each step of a rotation; null for the fault points.</param>
    public LogKeeper(
        LogDirectory directory,
        TimeProvider time,
        Action<LogNotice> tell,
        ILogger<LogKeeper> log,
        FrontRemoval? removal = null,
        Action<RotationStep>? reached = null)
    {
        (_directory, _time, _tell, _log) = (directory, time, tell, log);
        _reached = reached ?? RotationFaults.Reach;
        _rotation = removal is null ? null : new LogRotation(directory, removal, _reached);
        _disk = new DiskWatch(directory, time, Tell);
    }

    /// <summary>Takes a component's log into its care, or changes what is kept of it.</summary>
    public void Keep(string name, LogPolicy policy)
    {
        lock (_gate)
        {
            if (_logs.TryGetValue(name, out var kept))
            {
                kept.Policy = policy;
                return;
            }

            _logs.Add(name, new KeptLog(_directory, name, policy, Rotation, _time, Tell));
        }
    }

    /// <summary>Leaves a log alone from now on; its files stay.</summary>
    public void Forget(string name)
    {
        lock (_gate)
        {
            _logs.Remove(name);
        }
    }

    /// <summary>Makes the file of a component that is about to be started.</summary>
    /// <returns>The offset of the first byte that the new instance will write.</returns>
    /// <exception cref="IOException">It cannot be made; the sentence is for people.</exception>
    public long Prepare(string name)
    {
        KeptLog kept;
        lock (_gate)
        {
            kept = _logs[name];
        }

        return kept.Prepare();
    }

    /// <summary>Keeps until cancelled; ends with a last pass.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var wait = Pass();
                await Task.Delay(wait, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            _idleDue = default;
            Pass();
        }
    }

    /// <summary>Looks at all logs whose turn it is.</summary>
    /// <returns>How long nothing is due.</returns>
    public TimeSpan Pass()
    {
        KeptLog[] all;
        lock (_gate)
        {
            all = [.. _logs.Values];
        }

        var now = _time.GetUtcNow();
        var isIdleDue = now >= _idleDue || _idleDue - now > IdleTick;
        _idleDue = isIdleDue ? now + IdleTick : _idleDue;
        var (isBusy, isBehind) = (false, false);
        foreach (var kept in all)
        {
            if (isIdleDue || kept.IsBehind || kept.IsActive(now))
            {
                kept.Pass();
            }

            isBusy |= kept.IsActive(now);
            isBehind |= kept.IsBehind;
        }

        LookAtDisk();
        return isBehind ? TimeSpan.FromMilliseconds(1) : isBusy ? BusyTick : IdleTick;
    }

    private void LookAtDisk()
    {
        try
        {
            _disk.Pass();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A directory that cannot be looked at has been told of by those whose logs are in it.
            LogDiskUnknown(failure.Message);
        }
    }

    private LogRotation Rotation()
    {
        lock (_gate)
        {
            return _rotation ??= FindRotation();
        }
    }

    private LogRotation FindRotation()
    {
        var removal = FrontRemoval.Find(_directory);
        if (removal.Kind is RemovalKind.None)
        {
            Tell(new LogNotice.CannotRotate(
                $"cannot rotate logs in \"{_directory.Path}\": its file system can neither shorten a file from the "
                    + "front nor make a hole in it; logs grow until they are deleted by hand"));
        }

        return new LogRotation(_directory, removal, _reached);
    }

    private void Tell(LogNotice notice)
    {
        LogTold(notice.Message);
        _tell(notice);
    }

    [LoggerMessage(4600, LogLevel.Warning, "{Message}")]
    private partial void LogTold(string message);

    [LoggerMessage(4601, LogLevel.Debug, "Cannot see how much room the disk of the logs has: {Why}")]
    private partial void LogDiskUnknown(string why);
}
