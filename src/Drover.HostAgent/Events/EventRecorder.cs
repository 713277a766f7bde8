using System.Text.Json;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Faults;
using Drover.Runtime.Journal;
using Drover.Runtime.Uplink;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Events;

/// <summary>
/// Turns what the engine tells into events on disk, in order. Events go to the spool and then into the ledger of what
/// was told; a cut between the two is made up for at the next start, when the ledger takes from the spool what it
/// lacks. So no event is lost and none is told twice. Many at once share one write. Nobody waits for the disk: while it
/// refuses, events queue up here, and those beyond the queue are counted, told as an <c>alert.loss</c> when it takes
/// them again, and followed by a look at what there is (<see cref="Missed"/>). Owns ledger and its loop.
/// </summary>
internal sealed partial class EventRecorder : IDisposable
{
    private const int MaxBatch = 256;
    private const string StoreName = "events";

    /// <summary>Between two tries to write.</summary>
    internal static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly long _run;
    private readonly LedgerFile _file;
    private readonly ContainerLedger _ledger;
    private readonly Spool _spool;
    private readonly EventForwarder _forwarder;
    private readonly TimeProvider _time;
    private readonly ILogger<EventRecorder> _logger;
    private readonly RecorderQueue _inputs = new();

    private long _spooledThrough;
    private long _untoldLoss;

    /// <param name="run">Number of this run.</param>
    /// <param name="file">The ledger's file; owned from here on.</param>
    /// <param name="spool">Where events wait for the server.</param>
    /// <param name="forwarder">Told when there are new ones.</param>
    /// <param name="time">Dates what has no date of its own.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal EventRecorder(
        long run, LedgerFile file, Spool spool, EventForwarder forwarder, TimeProvider time,
        ILogger<EventRecorder> logger)
    {
        _run = run;
        _file = file;
        _spool = spool;
        _forwarder = forwarder;
        _time = time;
        _logger = logger;
        _ledger = ReadLedger();
    }

    /// <summary>Events were dropped: give a new picture, as after a gap.</summary>
    internal event Action? Missed;

    /// <summary>The engine told an event.</summary>
    internal void Tell(DockerEvent happened) => _inputs.Add(new RecorderInput.Happened(happened));

    /// <summary>Events may have been missed before this.</summary>
    internal void BeginGap() => _inputs.Add(new RecorderInput.GapBegan());

    /// <summary>What was there after the gap.</summary>
    internal void CloseGap(InventoryPicture picture) => _inputs.Add(new RecorderInput.GapClosed(picture));

    /// <summary>Records until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        var events = new List<ToldEvent>();
        while (await _inputs.WaitToReadAsync(cancellationToken))
        {
            for (var count = 0; count < MaxBatch && _inputs.TryRead(out var input); count++)
            {
                Decide(input, events);
            }

            await RecordAsync(events, cancellationToken);
            events.Clear();
            if (_inputs.TryEndOverflow(out var dropped))
            {
                _untoldLoss += dropped;
                _ledger.BeginGap();
                await RecordAsync(events, cancellationToken);
                Missed?.Invoke();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Decide(RecorderInput input, List<ToldEvent> events)
    {
        switch (input)
        {
            case RecorderInput.Happened(var happened):
                if (_ledger.Tell(happened, _time.GetUtcNow()) is { } one)
                {
                    events.Add(one);
                }

                break;
            case RecorderInput.GapBegan:
                _ledger.BeginGap();
                break;
            case RecorderInput.GapClosed(var picture):
                events.AddRange(_ledger.Tell(picture, _time.GetUtcNow()));
                break;
        }
    }

    private async Task RecordAsync(List<ToldEvent> events, CancellationToken cancellationToken)
    {
        var spooled = 0;
        var isNews = events.Count > 0 || _untoldLoss > 0;
        while (!TryRecord(events, ref spooled))
        {
            await Task.Delay(RetryPause, _time, cancellationToken);
        }

        if (isNews)
        {
            FaultPoint.Reach(FaultPoints.EventsRecorded);
            _forwarder.Wake();
        }
    }

    private bool TryRecord(List<ToldEvent> events, ref int spooled)
    {
        try
        {
            lock (_forwarder.Recording)
            {
                for (; spooled < events.Count; spooled++)
                {
                    _spooledThrough = _spool.Append(Serialize(events[spooled]));
                }

                if (_untoldLoss > 0)
                {
                    _spooledThrough = _spool.Append(Serialize(_untoldLoss));
                    LogDropped(_untoldLoss);
                    _untoldLoss = 0;
                }

                _spool.Flush();
                if (events.Count > 0)
                {
                    FaultPoint.Reach(FaultPoints.EventsSpooled);
                }

                _file.Write(_ledger, _spooledThrough);
            }

            return true;
        }
        catch (IOException error)
        {
            LogNotKept(events.Count, error.Message, RetryPause.TotalSeconds);
            return false;
        }
    }

    private byte[] Serialize(ToldEvent told) => JsonSerializer.SerializeToUtf8Bytes(
        new SpooledEvent(_run, told.Event, told.Shows), AgentFilesJson.Default.SpooledEvent);

    private byte[] Serialize(long dropped) => JsonSerializer.SerializeToUtf8Bytes(
        new SpooledEvent(_run, ReportedEvents.Loss(StoreName, dropped, _time.GetUtcNow())),
        AgentFilesJson.Default.SpooledEvent);

    /// <summary>An entry of the spool; null when another version wrote it.</summary>
    private static SpooledEvent? Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, AgentFilesJson.Default.SpooledEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What the file holds, and what the spool has beyond it: told by a run that was cut before it could write
    /// the ledger.</summary>
    private ContainerLedger ReadLedger()
    {
        var stored = _file.Read();
        _spooledThrough = stored.Max(entry => entry.SpooledThrough) ?? 0;
        var beyond = _spool.Peek(int.MaxValue, int.MaxValue).Entries
            .Where(entry => entry.Number > _spooledThrough)
            .Select(entry => (entry.Number, Parse(entry.Payload)?.Shows))
            .Where(told => told.Shows is not null)
            .ToList();
        var ledger = new ContainerLedger([.. stored, .. beyond.Select(told => told.Shows!)]);
        if (beyond.Count > 0)
        {
            _spooledThrough = beyond[^1].Number;
            _file.Replace(ledger, _spooledThrough);
        }

        return ledger;
    }

    [LoggerMessage(
        2040, LogLevel.Error,
        "cannot keep {Count} events yet: {Reason}; next try in {Seconds} s, free some space in the data directory")]
    private partial void LogNotKept(int count, string reason, double seconds);

    [LoggerMessage(2041, LogLevel.Error, "{Count} events were dropped while the disk refused to take them")]
    private partial void LogDropped(long count);
}
