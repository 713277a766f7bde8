using System.Text.Json;
using Drover.Runtime.Events;
using Drover.Runtime.Faults;
using Drover.Runtime.Journal;
using Drover.Runtime.Scheduling;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink;

/// <summary>
/// Brings the spooled events to the server: in order, once (by the run and number each was given when it was written),
/// however long the server is away. What a full or damaged spool dropped is told as an <c>alert.loss</c>.
/// </summary>
public sealed partial class EventForwarder : IDisposable
{
    private const int MaxBatch = 200;
    private const int MaxBatchBytes = 512 << 10;
    private const string StoreName = "events";

    private readonly long _run;
    private readonly Spool _spool;
    private readonly SignedClient _server;
    private readonly TimeProvider _time;
    private readonly ILogger<EventForwarder> _logger;
    private readonly RetryPacer _pacer;
    private readonly Signal _work;
    private readonly Pulse _settled = new();
    private int _batch = MaxBatch;

    /// <param name="run">Number of this run, for what it adds itself.</param>
    /// <param name="spool">Where events wait.</param>
    /// <param name="server">Where they go.</param>
    /// <param name="time">Paces retries.</param>
    /// <param name="random">Their jitter.</param>
    /// <param name="logger">For the person at the terminal.</param>
    /// <param name="recording">Held while <see cref="Recording"/>, where its owner was there before this.</param>
    public EventForwarder(
        long run, Spool spool, SignedClient server, TimeProvider time, Random random, ILogger<EventForwarder> logger,
        Lock? recording = null)
    {
        _run = run;
        _spool = spool;
        _server = server;
        _time = time;
        _logger = logger;
        _pacer = new RetryPacer(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), random);
        _work = new Signal(time);
        Recording = recording ?? new Lock();
        _work.Set();
    }

    /// <summary>Held while events are in the spool and not yet in the ledger: until they are, none is acknowledged, for
    /// the spool is then the only one that knows they were told.</summary>
    public Lock Recording { get; }

    /// <summary>There are new events.</summary>
    public void Wake() => _work.Set();

    /// <summary>Writes an event of the role itself behind all others. The next flush or event makes it
    /// durable.</summary>
    public void Tell(AgentEventDto one)
    {
        _spool.Append(
            JsonSerializer.SerializeToUtf8Bytes(new ForwardedEvent(_run, one), UplinkFilesJson.Default.ForwardedEvent));
        _spool.Flush();
        _work.Set();
    }

    /// <summary>Forwards until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _work.WaitAsync(cancellationToken);
            while (await ForwardAsync(cancellationToken) is { } pause)
            {
                await Task.Delay(pause, _time, cancellationToken);
            }

            _settled.Beat();
        }
    }

    /// <summary>Returns when the server has everything that is kept.</summary>
    internal async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = _settled.Next;
            if (_spool.Peek(1, 1) is { Lost: 0, Entries.Count: 0 })
            {
                return;
            }

            _work.Set();
            await next.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _work.Dispose();

    /// <summary>Forwards one batch. Null when there is nothing left, else how long to pause before the next.</summary>
    private async Task<TimeSpan?> ForwardAsync(CancellationToken cancellationToken)
    {
        try
        {
            var batch = _spool.Peek(_batch, MaxBatchBytes);
            return batch switch
            {
                { Lost: > 0 } => await TellLossAsync(batch, cancellationToken),
                { Entries.Count: > 0 } => await SendAsync(batch.Entries, cancellationToken),
                _ => null,
            };
        }
        catch (ServerCallException error)
        {
            var pause = _pacer.Next(error.RetryAfter);
            LogWaiting(error.Message, pause);
            return pause;
        }
        catch (IOException error)
        {
            var pause = _pacer.Next();
            LogWaiting(error.Message, pause);
            return pause;
        }
    }

    private async Task<TimeSpan?> SendAsync(IReadOnlyList<SpoolEntry> entries, CancellationToken cancellationToken)
    {
        var (run, events) = OneRunOf(entries);
        var first = entries[0].Number;
        if (events.Count == 0)
        {
            // Not readable by this version: dropped, counted and told like any other loss.
            GiveUp(first, "cannot read a spooled event: another version wrote it");
            return TimeSpan.Zero;
        }

        try
        {
            var answer = await _server.SendEventsAsync(new AgentEventsRequest(run, first, events), cancellationToken);
            FaultPoint.Reach(FaultPoints.EventsSent);
            var through = Math.Min(answer.AcceptedThrough, first + events.Count - 1);
            _batch = MaxBatch;
            if (through < first)
            {
                return _pacer.Next();
            }

            Acknowledge(through);
            _pacer.Reset();
            return TimeSpan.Zero;
        }
        catch (ServerCallException error) when (error.Failure == ServerFailure.Rejected && events.Count > 1)
        {
            // One of them is bad, or together they are too much: find out which.
            _batch = events.Count / 2;
            return TimeSpan.Zero;
        }
        catch (ServerCallException error) when (IsRefusedForGood(error))
        {
            _batch = MaxBatch;
            GiveUp(first, error.Message);
            return _pacer.Next();
        }
    }

    private void Acknowledge(long through)
    {
        lock (Recording)
        {
            _spool.Acknowledge(through);
        }
    }

    private static (long Run, List<AgentEventDto> Events) OneRunOf(IReadOnlyList<SpoolEntry> entries)
    {
        var run = 0L;
        var events = new List<AgentEventDto>(entries.Count);
        foreach (var entry in entries)
        {
            if (Parse(entry.Payload) is not { } spooled || (events.Count > 0 && spooled.Run != run))
            {
                break;
            }

            run = spooled.Run;
            events.Add(spooled.Event);
        }

        return (run, events);
    }

    /// <summary>An entry of the spool; null when another version wrote it.</summary>
    public static ForwardedEvent? Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, UplinkFilesJson.Default.ForwardedEvent);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>
    /// The alert takes the number of the last event that is missing, and never a place in the spool: there it could be
    /// dropped like the others, and with it the number lost. Cut off anywhere, it is sent again under that number.
    /// </summary>
    private async Task<TimeSpan?> TellLossAsync(SpoolBatch batch, CancellationToken cancellationToken)
    {
        var last = batch.Entries[0].Number - 1;
        var run = batch.Entries.Select(entry => Parse(entry.Payload)?.Run).FirstOrDefault(run => run is not null);
        var alert = ReportedEvents.Loss(StoreName, batch.Lost, _time.GetUtcNow());
        try
        {
            var answer =
                await _server.SendEventsAsync(new AgentEventsRequest(run ?? _run, last, [alert]), cancellationToken);
            if (answer.AcceptedThrough < last)
            {
                return _pacer.Next();
            }
        }
        catch (ServerCallException error) when (IsRefusedForGood(error))
        {
            LogGivenUp(error.Message);
        }

        LogLost(batch.Lost);
        Acknowledge(last);
        _pacer.Reset();
        return TimeSpan.Zero;
    }

    private static bool IsRefusedForGood(ServerCallException error) =>
        error is { Failure: ServerFailure.Rejected, Status: 400 or 413 or 422 };

    private void GiveUp(long number, string why)
    {
        LogGivenUp(why);
        Tell(ReportedEvents.Loss(StoreName, 1, _time.GetUtcNow()));
        Acknowledge(number);
    }

    [LoggerMessage(3530, LogLevel.Warning, "{Reason}; events are kept, next try in {Pause}")]
    private partial void LogWaiting(string reason, TimeSpan pause);

    [LoggerMessage(3531, LogLevel.Error, "{Count} events were dropped before they reached the server")]
    private partial void LogLost(long count);

    [LoggerMessage(3532, LogLevel.Error, "one event is given up: {Reason}")]
    private partial void LogGivenUp(string reason);
}
