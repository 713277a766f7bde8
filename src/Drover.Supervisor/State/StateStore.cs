using System.Text.Json;
using Drover.Runtime.Journal;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.State;

/// <summary>
/// One component's file: records that are appended, the last whole one counts. A write survives the death of the
/// supervisor in the next instant and not a power cut, after which nothing it speaks of lives
/// (docs/decisions/0071-what-is-on-disk-before-a-launch.md). Owned by one runner.
/// </summary>
internal sealed partial class StateStore : IDisposable
{
    private const int RewriteAt = 256 << 10;

    private readonly RecordLog _log;
    private readonly IRecordDisk _disk;
    private readonly ILogger _logger;
    private byte[] _last;
    private byte[]? _refused;
    private volatile string? _trouble;
    private bool _isUntidy;

    private StateStore(string path, IRecordDisk disk, ILogger logger)
    {
        (Path, _disk, _logger) = (path, disk, logger);
        _log = RecordLog.Open(path, disk);
        (Recorded, _last) = Newest(_log.ReadAll(), path, logger);
    }

    internal string Path { get; }

    /// <summary>Why the last record is not on disk; null when it is. From any thread.</summary>
    internal string? Trouble => _trouble;

    /// <summary>What was found when the file was opened; null when there was nothing.</summary>
    internal ComponentRecord? Recorded { get; }

    /// <summary>Opens the file or makes it.</summary>
    /// <exception cref="IOException">It can neither be read nor made.</exception>
    internal static StateStore Open(string path, ILogger logger) => Open(path, MachineDisk.Instance, logger);

    /// <summary>As the other, on a disk that is given.</summary>
    /// <exception cref="IOException">It can neither be read nor made.</exception>
    internal static StateStore Open(string path, IRecordDisk disk, ILogger logger) => new(path, disk, logger);

    /// <summary>Reads what a file says without touching it; null where there is nothing to be read.</summary>
    internal static ComponentRecord? Peek(string path, ILogger logger) =>
        Newest(RecordLog.Peek(path), path, logger).Record;

    /// <summary>
    /// Writes the record down. A disk that refuses is said once and does not stop the component: it is worse to leave
    /// it dead than to be less sure of it after the next crash, when its mark in the environment still finds it
    /// (docs/decisions/0086-an-instance-that-no-record-names.md). What was refused is kept for
    /// <see cref="WriteAgain"/>.
    /// </summary>
    internal void Write(ComponentRecord record)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(record, StateJson.Default.ComponentRecord);
        if (!payload.AsSpan().SequenceEqual(_last))
        {
            Write(payload);
        }
        else
        {
            _refused = null;
        }
    }

    /// <summary>Tries once more to write what the disk refused last; nothing where it refused nothing.</summary>
    internal void WriteAgain()
    {
        if (_refused is { } refused)
        {
            Write(refused);
        }
    }

    /// <summary>Shortens a file that has grown to its last record; costs an fsync and is for quiet moments.</summary>
    internal void Tidy()
    {
        if (_log.Bytes < RewriteAt || _last.Length == 0)
        {
            return;
        }

        try
        {
            _log.Rewrite([_last]);
            _isUntidy = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The last record is on disk all the same.
            if (!_isUntidy)
            {
                _isUntidy = true;
                LogUntidy(_logger, Path, DiskRefusal.Why(error));
            }
        }
    }

    /// <summary>Makes what was written survive a power cut too.</summary>
    internal void Sync()
    {
        WriteAgain();
        try
        {
            _log.Sync();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            SayOnce(error);
        }
    }

    /// <summary>Closes the file and removes it.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    internal void Delete()
    {
        Dispose();
        _disk.Delete(Path);
    }

    public void Dispose() => _log.Dispose();

    private static (ComponentRecord? Record, byte[] Payload) Newest(
        IReadOnlyList<ReadOnlyMemory<byte>> payloads, string path, ILogger logger)
    {
        foreach (var payload in payloads.Reverse())
        {
            try
            {
                var record = JsonSerializer.Deserialize(payload.Span, StateJson.Default.ComponentRecord);
                if (record is { Version: ComponentRecord.CurrentVersion })
                {
                    return (record, payload.ToArray());
                }
            }
            catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                LogUnreadable(logger, path, error.Message);
            }
        }

        return (null, []);
    }

    private void Write(byte[] payload)
    {
        try
        {
            _log.Note(payload);
            _last = payload;
            _refused = null;
            Succeeded();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _refused = payload;
            SayOnce(error);
        }
    }

    private void Succeeded()
    {
        if (_trouble is not null)
        {
            _trouble = null;
            LogWorksAgain(_logger, Path);
        }
    }

    private void SayOnce(Exception error)
    {
        var isFirst = _trouble is null;
        _trouble = DiskRefusal.Why(error);
        if (isFirst)
        {
            LogFailed(_logger, Path, _trouble);
        }
    }

    [LoggerMessage(4101, LogLevel.Error, "cannot write \"{Path}\": {Why}; the component goes on without a record")]
    private static partial void LogFailed(ILogger logger, string path, string why);

    [LoggerMessage(4105, LogLevel.Warning, "cannot shorten \"{Path}\": {Why}; it is tried again")]
    private static partial void LogUntidy(ILogger logger, string path, string why);

    [LoggerMessage(4102, LogLevel.Information, "\"{Path}\" can be written again")]
    private static partial void LogWorksAgain(ILogger logger, string path);

    [LoggerMessage(4103, LogLevel.Warning, "stepped over a record of \"{Path}\" that cannot be read: {Why}")]
    private static partial void LogUnreadable(ILogger logger, string path, string why);
}
