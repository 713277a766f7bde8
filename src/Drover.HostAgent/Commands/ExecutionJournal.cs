using System.Text.Json;
using Drover.Runtime.Journal;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Remembers on disk which commands were begun and what came of them, so that a command is executed at most once
/// however often it is delivered and wherever the agent is killed. A begin is on disk before the execution begins.
/// Bounded by number and age of what is settled; what is not settled is never forgotten. Thread-safe. One process at
/// a time; the data directory's lock sees to it.
/// </summary>
internal sealed class ExecutionJournal : IDisposable
{
    // Reports of actions have some hundred bytes. A page of a log is not kept: reading it again changes nothing.
    private const int MaxKeptReportBytes = 16 * 1024;
    private const int MaxSettled = 2_000;
    private const long CompactBytes = 8 << 20;
    private const long RetryCompactBytes = 256 << 10;
    private static readonly TimeSpan KeepSettled = TimeSpan.FromDays(2);

    private readonly Lock _gate = new();
    private readonly RecordLog _log;
    private readonly TimeProvider _time;
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    // Apart, so that no number of looks displaces an action: a restored server may deliver one again (decision 0050).
    private readonly Queue<(string CommandId, DateTimeOffset At)> _settledActions = new();
    private readonly Queue<(string CommandId, DateTimeOffset At)> _settledLooks = new();
    private long _compactAt = CompactBytes;

    private ExecutionJournal(RecordLog log, TimeProvider time) => (_log, _time) = (log, time);

    /// <summary>Opens or makes it.</summary>
    /// <exception cref="IOException">The file cannot be used.</exception>
    public static ExecutionJournal Open(string path, TimeProvider time)
    {
        var journal = new ExecutionJournal(RecordLog.Open(path), time);
        foreach (var payload in journal._log.ReadAll())
        {
            if (JsonSerializer.Deserialize(payload.Span, JournalJson.Default.JournalRecord) is { } record)
            {
                journal.Apply(record);
            }
        }

        journal.TryCompact();
        return journal;
    }

    /// <summary>What is known of a command; null when it was never begun here.</summary>
    public JournalEntry? Find(string commandId)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(commandId, out var entry) ? entry.ToPublic(commandId) : null;
        }
    }

    /// <summary>All commands that were begun and not settled, oldest first.</summary>
    public IReadOnlyList<JournalEntry> Unsettled()
    {
        lock (_gate)
        {
            return
            [
                .. _entries.Where(pair => !pair.Value.IsSettled)
                    .OrderBy(pair => pair.Value.BegunAt)
                    .Select(pair => pair.Value.ToPublic(pair.Key)),
            ];
        }
    }

    /// <summary>Records that a command is about to be executed; on disk when it returns.</summary>
    /// <exception cref="IOException">The disk refused: do not execute it.</exception>
    public void Begin(string commandId, string type, string? appCode) =>
        Write(new JournalRecord(JournalKinds.Begun, commandId, _time.GetUtcNow(), type, appCode));

    /// <summary>Records what came of it; on disk when it returns.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Finish(ReportRequest report)
    {
        var isKept =
            JsonSerializer.SerializeToUtf8Bytes(report, JournalJson.Default.ReportRequest).Length <= MaxKeptReportBytes;
        Write(
            new JournalRecord(
                JournalKinds.Finished, report.CommandId, _time.GetUtcNow(), Report: isKept ? report : null));
    }

    /// <summary>Records that the server has the report, or will never take it.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Settle(string commandId) =>
        Write(new JournalRecord(JournalKinds.Settled, commandId, _time.GetUtcNow()));

    /// <inheritdoc/>
    public void Dispose() => _log.Dispose();

    private void Write(JournalRecord record)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(record, JournalJson.Default.JournalRecord);
        lock (_gate)
        {
            _log.Append(payload);
            Apply(record);
            if (_log.Bytes > _compactAt)
            {
                TryCompact();
            }
        }
    }

    private void TryCompact()
    {
        try
        {
            Compact();
        }
        catch (IOException)
        {
            // What was recorded is on disk as it is; the rewriting waits for a disk with room.
            _compactAt = _log.Bytes + RetryCompactBytes;
        }
    }

    private void Apply(JournalRecord record)
    {
        if (!_entries.TryGetValue(record.CommandId, out var entry))
        {
            if (record.Kind is JournalKinds.Settled)
            {
                return;
            }

            _entries[record.CommandId] = entry = new Entry { BegunAt = record.At };
        }

        switch (record.Kind)
        {
            case JournalKinds.Begun:
                entry.Type = record.Type;
                entry.AppCode = record.AppCode;
                break;
            case JournalKinds.Finished:
                entry.IsFinished = true;
                entry.Report = record.Report;
                break;
            case JournalKinds.Settled when !entry.IsSettled:
                entry.IsSettled = true;
                var queue = IsLook(entry) ? _settledLooks : _settledActions;
                queue.Enqueue((record.CommandId, record.At));
                Forget(queue);
                break;
            default:
                break;
        }
    }

    /// <summary>One of unknown type was refused or cut short; it is kept as an action is.</summary>
    private static bool IsLook(Entry entry) => entry.Type is { } type && !CommandTypes.ChangesHost(type);

    private void Forget(Queue<(string CommandId, DateTimeOffset At)> settled)
    {
        while (settled.TryPeek(out var oldest)
            && (settled.Count > MaxSettled || _time.GetUtcNow() - oldest.At > KeepSettled))
        {
            settled.Dequeue();
            _entries.Remove(oldest.CommandId);
        }
    }

    private void Compact()
    {
        Forget(_settledActions);
        Forget(_settledLooks);
        var settledAt = _settledActions.Concat(_settledLooks)
            .ToDictionary(settled => settled.CommandId, settled => settled.At, StringComparer.Ordinal);
        _log.Rewrite(
            _entries
                .OrderBy(pair => settledAt.GetValueOrDefault(pair.Key, DateTimeOffset.MaxValue))
                .SelectMany(
                    pair => pair.Value.ToRecords(pair.Key, settledAt.TryGetValue(pair.Key, out var at) ? at : null))
                .Select(
                    record => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(
                        record, JournalJson.Default.JournalRecord)));

        // What is left may itself be large; twice that is the next time to look.
        _compactAt = Math.Max(CompactBytes, 2 * _log.Bytes);
    }

    private sealed class Entry
    {
        public DateTimeOffset BegunAt { get; init; }

        public string? Type { get; set; }

        public string? AppCode { get; set; }

        public bool IsFinished { get; set; }

        public bool IsSettled { get; set; }

        public ReportRequest? Report { get; set; }

        public JournalEntry ToPublic(string commandId) =>
            new(commandId, Type, AppCode, BegunAt, IsFinished, IsSettled, Report);

        public IEnumerable<JournalRecord> ToRecords(string commandId, DateTimeOffset? settledAt)
        {
            yield return new JournalRecord(JournalKinds.Begun, commandId, BegunAt, Type, AppCode);
            if (IsFinished)
            {
                yield return new JournalRecord(JournalKinds.Finished, commandId, BegunAt, Report: Report);
            }

            if (settledAt is { } at)
            {
                yield return new JournalRecord(JournalKinds.Settled, commandId, at);
            }
        }
    }
}

/// <summary>What the journal knows of one command.</summary>
/// <param name="CommandId">Which.</param>
/// <param name="Type">Its type.</param>
/// <param name="AppCode">What it works on.</param>
/// <param name="BegunAt">When it began.</param>
/// <param name="IsFinished">It came to an end and there was a report.</param>
/// <param name="IsSettled">The server has the report, or will never take it.</param>
/// <param name="Report">The report; null when there is none or it was too large to keep.</param>
internal sealed record JournalEntry(
    string CommandId,
    string? Type,
    string? AppCode,
    DateTimeOffset BegunAt,
    bool IsFinished,
    bool IsSettled,
    ReportRequest? Report);
