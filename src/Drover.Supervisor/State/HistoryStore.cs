using System.Text.Json;
using Drover.Runtime.Journal;
using Drover.Supervisor.Control;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.State;

/// <summary>
/// The ends of instances, newest at the end of one file that is kept small: when it has grown to twice its size the
/// older half is dropped. Only the file holds them, but for those that a disk refuses: they are kept in memory, as many
/// as make sense, and written when it has room. Thread-safe.
/// </summary>
internal sealed partial class HistoryStore : IDisposable
{
    /// <summary>What is kept at least, once there was so much.</summary>
    internal const int KeptBytes = 1 << 20;

    /// <summary>What is kept of entries that the disk refuses.</summary>
    internal const int KeptRefused = 1000;

    private static readonly TimeSpan WriteAgainEvery = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    /// <summary>So many ends of one component may be on their way here when the supervisor is killed.</summary>
    internal const int MostUnconfirmed = 32;

    private readonly RecordLog _log;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Queue<HistoryEntry> _waiting = [];
    private ITimer? _writeAgain;
    private string? _trouble;
    private bool _isDisposed;

    private HistoryStore(RecordLog log, ILogger logger, TimeProvider time) =>
        (_log, _logger, _time) = (log, logger, time);

    internal long Bytes => _log.Bytes;

    /// <summary>Why entries wait in memory; null while all are on disk.</summary>
    internal string? Trouble => Volatile.Read(ref _trouble);

    /// <exception cref="IOException">The file can neither be read nor made.</exception>
    internal static HistoryStore Open(string path, ILogger logger, TimeProvider time) =>
        Open(path, MachineDisk.Instance, logger, time);

    /// <summary>As the other, on a disk that is given.</summary>
    /// <exception cref="IOException">The file can neither be read nor made.</exception>
    internal static HistoryStore Open(string path, IRecordDisk disk, ILogger logger, TimeProvider time) =>
        new(RecordLog.Open(path, disk), logger, time);

    /// <summary>
    /// Adds entries. True when all there are on disk; false when they wait in memory for a disk that refuses; of those
    /// the oldest are lost beyond <see cref="KeptRefused"/>.
    /// </summary>
    internal bool Add(IReadOnlyList<HistoryEntry> entries)
    {
        lock (_gate)
        {
            foreach (var entry in entries)
            {
                _waiting.Enqueue(entry);
            }

            WriteWaiting();
            while (_waiting.Count > KeptRefused)
            {
                _waiting.Dequeue();
            }

            return _trouble is null;
        }
    }

    /// <summary>True when the end was written before a crash. Reads all there is; for starts after one.</summary>
    internal bool Holds(HistoryEntry end) => Newest(end.Component, int.MaxValue)
        .Any(entry => entry.Instance == end.Instance && entry.At == end.At);

    /// <summary>The newest first.</summary>
    internal IReadOnlyList<HistoryEntry> Newest(string? component, int limit)
    {
        lock (_gate)
        {
            return Newest(_waiting.Reverse(), _log.ReadAll(), component, limit);
        }
    }

    /// <summary>As <see cref="Newest(string?, int)"/> of a file that belongs to nobody, or to somebody else.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not read it.</exception>
    internal static IReadOnlyList<HistoryEntry> Peek(string path, string? component, int limit) =>
        Newest([], RecordLog.Peek(path), component, limit);

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _writeAgain?.Dispose();
            WriteWaiting();
            _log.Dispose();
        }
    }

    private static IReadOnlyList<HistoryEntry> Newest(
        IEnumerable<HistoryEntry> waiting, IReadOnlyList<ReadOnlyMemory<byte>> kept, string? component, int limit) =>
    [
        .. waiting
            .Concat(kept.Reverse().Select(payload => Parse(payload.Span)).OfType<HistoryEntry>())
            .Where(entry => component is null || entry.Component == component)
            .Take(limit),
    ];

    private void WriteWaiting()
    {
        try
        {
            while (_waiting.TryPeek(out var entry))
            {
                _log.Note(JsonSerializer.SerializeToUtf8Bytes(entry, StateJson.Default.HistoryEntry));
                _waiting.Dequeue();
            }

            _log.Sync();
            DropOldest();
            Succeeded();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Failed(error);
        }
    }

    private void Failed(Exception error)
    {
        var isFirst = _trouble is null;
        Volatile.Write(ref _trouble, DiskRefusal.Why(error));
        if (isFirst)
        {
            LogFailed(_logger, _trouble!);
        }

        if (!_isDisposed)
        {
            _writeAgain ??= _time.CreateTimer(_ => WriteAgain(), state: null, WriteAgainEvery, WriteAgainEvery);
        }
    }

    private void Succeeded()
    {
        if (_trouble is not null)
        {
            Volatile.Write(ref _trouble, null);
            LogWorksAgain(_logger);
        }

        _writeAgain?.Dispose();
        _writeAgain = null;
    }

    private void WriteAgain()
    {
        lock (_gate)
        {
            if (!_isDisposed)
            {
                WriteWaiting();
            }
        }
    }

    private static HistoryEntry? Parse(ReadOnlySpan<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload, StateJson.Default.HistoryEntry);
        }
        catch (JsonException)
        {
            // Of another version.
            return null;
        }
    }

    private void DropOldest()
    {
        if (_log.Bytes <= 2 * KeptBytes)
        {
            return;
        }

        var all = _log.ReadAll();
        var first = all.Count;
        for (long bytes = 0; first > 0 && bytes + all[first - 1].Length <= KeptBytes; first--)
        {
            bytes += all[first - 1].Length;
        }

        _log.Rewrite(all.Skip(first));
    }

    [LoggerMessage(
        4104, LogLevel.Error, "cannot write the history of restarts: {Why}; its newest entries wait in memory")]
    private static partial void LogFailed(ILogger logger, string why);

    [LoggerMessage(4106, LogLevel.Information, "the history of restarts is on disk again")]
    private static partial void LogWorksAgain(ILogger logger);
}
