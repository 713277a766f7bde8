using Drover.Core.Events;
using Drover.Runtime.Faults;
using Drover.Runtime.Journal;
using Drover.Runtime.Scheduling;
using Drover.Wire.People;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// Brings what waits for one receiver to it: one event after the other, each at least once and under the same id, for
/// as long as it takes. What it refuses becomes a dead letter at once; what it fails at again and again, or has not
/// taken for a day, too, so that one event never holds up the others for ever. Runs in one loop.
/// </summary>
internal sealed partial class WebhookDelivery : IDisposable
{
    /// <summary>
    /// So often in a row a receiver that is there may fail at one event, which takes some 20 minutes.
    /// </summary>
    internal const int MostFailures = 12;

    // Of a spool: one entry is given whatever its size.
    private const int OneEntry = 1;

    /// <summary>An event that is so old when an attempt fails becomes a dead letter.</summary>
    internal static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly Func<WebhookSpec> _spec;
    private readonly Spool _queue;
    private readonly DeadLetters _dead;
    private readonly WebhookClient _client;
    private readonly EventMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RetryPacer _pacer;
    private readonly Signal _work;
    private readonly Signal _retry;
    private readonly Pulse _idle = new();
    private int _failures;
    private string? _failure;
    private long _delivered;

    /// <param name="spec">What the user says of the receiver now.</param>
    /// <param name="queue">What waits.</param>
    /// <param name="dead">What it did not take.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">Paces retries.</param>
    /// <param name="random">Their jitter.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal WebhookDelivery(
        Func<WebhookSpec> spec, Spool queue, DeadLetters dead, EventMetrics metrics, TimeProvider time, Random random,
        ILogger logger)
    {
        (_spec, _queue, _dead, _metrics, _time, _logger) = (spec, queue, dead, metrics, time, logger);
        _client = new WebhookClient(time);
        _pacer = new RetryPacer(FirstPause, LongestPause, random);
        _work = new Signal(time);
        _retry = new Signal(time);
        _work.Set();
    }

    /// <summary>Why the receiver does not have what it should; null while all is well.</summary>
    internal string? Failure => Volatile.Read(ref _failure);

    /// <summary>Events it took since the start.</summary>
    internal long Delivered => Interlocked.Read(ref _delivered);

    private string Name => _spec().Name;

    /// <summary>There is something new to tell.</summary>
    internal void Wake() => _work.Set();

    /// <summary>What stood in the way may be gone: the next attempt is made now.</summary>
    internal void RetryNow()
    {
        _retry.Set();
        _work.Set();
    }

    /// <summary>Delivers until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _work.WaitAsync(cancellationToken);
            while (await StepAsync(cancellationToken) is { } pause)
            {
                if (pause > TimeSpan.Zero)
                {
                    _ = await _retry.WaitAsync(pause, cancellationToken);
                }
            }

            _idle.Beat();
        }
    }

    /// <summary>Returns when nothing waits, or something stands in the way.</summary>
    internal async Task SettleAsync(CancellationToken cancellationToken)
    {
        while (Failure is null)
        {
            var idle = _idle.Next;
            if (_queue.Peek(1, OneEntry).Entries.Count == 0)
            {
                return;
            }

            _work.Set();
            await idle.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _client.Dispose();
        _work.Dispose();
        _retry.Dispose();
    }

    /// <summary>One attempt. Null when nothing is left to do, else how long to pause before the next.</summary>
    private async Task<TimeSpan?> StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            return _queue.Peek(1, OneEntry) switch
            {
                { Lost: > 0 } batch => await TellLossAsync(batch, cancellationToken),
                { Entries: [var entry] } => await SendAsync(entry, cancellationToken),
                _ => null,
            };
        }
        catch (IOException error)
        {
            return Pause($"the disk refuses: {error.Message}", null);
        }
    }

    private async Task<TimeSpan?> SendAsync(SpoolEntry entry, CancellationToken cancellationToken)
    {
        if (WebhookQueue.Parse(entry.Payload) is not { } one)
        {
            LogUnreadable(Name);
            _queue.Acknowledge(entry.Number);
            return TimeSpan.Zero;
        }

        var spec = _spec();
        var outcome = await _client.SendAsync(spec, one, cancellationToken);
        switch (outcome)
        {
            case WebhookOutcome.Delivered:
                FaultPoint.Reach(FaultPoints.WebhookSent);
                _queue.Acknowledge(entry.Number);
                Interlocked.Increment(ref _delivered);
                _metrics.CountDelivery(spec.Name, EventMetrics.Delivered);
                Settled();
                return TimeSpan.Zero;
            case WebhookOutcome.Refused refused:
                return GiveUp(spec, entry.Number, one, refused.Reason);
            case WebhookOutcome.Failed failed:
                return ++_failures >= MostFailures || IsTooOld(one)
                    ? GiveUp(spec, entry.Number, one, $"{failed.Reason}, {_failures} times")
                    : Pause(failed.Reason, null);
            case WebhookOutcome.NotNow notNow:
                return IsTooOld(one)
                    ? GiveUp(spec, entry.Number, one, $"{notNow.Reason}, and the event is older than a day")
                    : Pause(notNow.Reason, notNow.After);
            default:
                throw new InvalidOperationException($"{outcome} is no outcome");
        }
    }

    private async Task<TimeSpan?> TellLossAsync(SpoolBatch batch, CancellationToken cancellationToken)
    {
        var spec = _spec();
        var next = WebhookQueue.Parse(batch.Entries[0].Payload);
        if (next is not null && spec.Wants(EventTypes.AlertLoss.Name))
        {
            var loss = WebhookLoss.Of(spec.Name, batch.Lost, next.Id, next.Source, _time);
            switch (await _client.SendAsync(spec, loss, cancellationToken))
            {
                case WebhookOutcome.NotNow notNow:
                    return Pause(notNow.Reason, notNow.After);
                case WebhookOutcome.Failed failed when ++_failures < MostFailures:
                    return Pause(failed.Reason, null);
            }
        }

        LogLost(batch.Lost, spec.Name);
        _metrics.CountDelivery(spec.Name, EventMetrics.Lost, batch.Lost);
        _queue.Acknowledge(batch.Entries[0].Number - 1);
        Settled();
        return TimeSpan.Zero;
    }

    private TimeSpan GiveUp(WebhookSpec spec, long number, EventDto one, string reason)
    {
        _dead.Add(one, reason, _time.GetUtcNow());
        _queue.Acknowledge(number);
        _metrics.CountDelivery(spec.Name, EventMetrics.Dead);
        LogGivenUp(one.Type, one.Id, spec.Name, reason);
        Settled();
        return TimeSpan.Zero;
    }

    private TimeSpan Pause(string reason, TimeSpan? atLeast)
    {
        var pause = _pacer.Next(atLeast);
        var name = Name;
        if (Failure != reason)
        {
            // Once for each reason: an outage of a day is not a thousand lines.
            LogWaiting(name, reason, pause.TotalSeconds);
        }

        Volatile.Write(ref _failure, reason);
        _metrics.CountDelivery(name, EventMetrics.Retried);
        _idle.Beat();
        return pause;
    }

    private void Settled()
    {
        _failures = 0;
        _pacer.Reset();
        if (Failure is not null)
        {
            Volatile.Write(ref _failure, null);
            LogResumed(Name);
        }
    }

    private bool IsTooOld(EventDto one) => _time.GetUtcNow() - one.Time > LongestWait;

    [LoggerMessage(
        3620, LogLevel.Warning,
        "the webhook \"{Webhook}\" is not told of events: {Reason}; they are kept, next try in {Seconds:0.#} s")]
    private partial void LogWaiting(string webhook, string reason, double seconds);

    [LoggerMessage(3621, LogLevel.Information, "the webhook \"{Webhook}\" is told of events again")]
    private partial void LogResumed(string webhook);

    [LoggerMessage(
        3622, LogLevel.Error,
        "{EventType} {Id} is given up for the webhook \"{Webhook}\": {Reason}; it is kept as a dead letter")]
    private partial void LogGivenUp(string eventType, string id, string webhook, string reason);

    [LoggerMessage(
        3623, LogLevel.Error,
        "{Count} events for the webhook \"{Webhook}\" were dropped: its queue was full")]
    private partial void LogLost(long count, string webhook);

    [LoggerMessage(
        3624, LogLevel.Error, "an event for the webhook \"{Webhook}\" is dropped: another version wrote it")]
    private partial void LogUnreadable(string webhook);
}
