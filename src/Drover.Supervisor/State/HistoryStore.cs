using System.Text.Json;
using Drover.Runtime.Journal;
using Drover.Supervisor.Control;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.State;

/// <summary>
/// The ends of instances, newest at the end of one file that is kept small: when it has grown to twice its size the
/// older half is dropped. Only the file holds them; a question reads it. One writer, any number of readers.
/// </summary>
internal sealed partial class HistoryStore : IDisposable
{
    /// <summary>What is kept at least, once there was so much.</summary>
    internal const int KeptBytes = 1 << 20;

    private readonly RecordLog _log;
    private readonly ILogger _logger;
    private bool _isFailing;

    private HistoryStore(RecordLog log, ILogger logger) => (_log, _logger) = (log, logger);

    internal long Bytes => _log.Bytes;

    /// <exception cref="IOException">The file can neither be read nor made.</exception>
    internal static HistoryStore Open(string path, ILogger logger) => new(RecordLog.Open(path), logger);

    /// <summary>Adds entries and returns when they are on disk; what a full disk refuses is lost and said.</summary>
    internal void Add(IReadOnlyList<HistoryEntry> entries)
    {
        try
        {
            foreach (var entry in entries)
            {
                _log.Note(JsonSerializer.SerializeToUtf8Bytes(entry, StateJson.Default.HistoryEntry));
            }

            _log.Sync();
            DropOldest();
            _isFailing = false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (!_isFailing)
            {
                LogFailed(_logger, error.Message);
            }

            _isFailing = true;
        }
    }

    /// <summary>The newest first.</summary>
    internal IReadOnlyList<HistoryEntry> Newest(string? component, int limit)
    {
        var found = new List<HistoryEntry>();
        foreach (var payload in _log.ReadAll().Reverse())
        {
            if (found.Count >= limit)
            {
                break;
            }

            if (Parse(payload.Span) is { } entry && (component is null || entry.Component == component))
            {
                found.Add(entry);
            }
        }

        return found;
    }

    public void Dispose() => _log.Dispose();

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

    [LoggerMessage(4104, LogLevel.Error, "cannot write the history of restarts: {Why}; the entry is lost")]
    private static partial void LogFailed(ILogger logger, string why);
}
