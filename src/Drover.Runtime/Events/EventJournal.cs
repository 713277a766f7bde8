using System.Threading.Channels;
using Drover.Core.Events;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Events;

/// <summary>
/// The events of one role: gives each its place in the order, keeps the newest for readers, and hands all of them in
/// that order to the sinks, in one loop of its own. What comes faster than the sinks take it is counted and told as an
/// <c>alert.loss</c>. Owns its loop.
/// </summary>
public sealed partial class EventJournal : IEventPublisher, IAsyncDisposable
{
    private const int QueueSize = 4096;
    private const string StoreName = "events";

    private readonly Channel<RoleEvent> _queue = Channel.CreateBounded<RoleEvent>(
        new BoundedChannelOptions(QueueSize) { SingleReader = true });

    private readonly Lock _gate = new();
    private readonly string _source;
    private readonly long _run;
    private readonly IReadOnlyList<IEventSink> _sinks;
    private readonly TimeProvider _time;
    private readonly ILogger<EventJournal> _logger;
    private readonly Task _loop;
    private long _number;
    private long _dropped;

    /// <param name="source">CloudEvents <c>source</c> of all of them.</param>
    /// <param name="run">Number of this run of the role.</param>
    /// <param name="sinks">Who is told.</param>
    /// <param name="time">Dates them.</param>
    /// <param name="logger">For the person at the terminal.</param>
    public EventJournal(
        string source, long run, IReadOnlyList<IEventSink> sinks, TimeProvider time, ILogger<EventJournal> logger)
    {
        (_source, _run, _sinks, _time, _logger) = (source, run, sinks, time, logger);
        Feed = new EventFeed(run);
        _loop = Task.Run(PumpAsync, CancellationToken.None);
    }

    /// <summary>The newest of them, for those who read.</summary>
    public EventFeed Feed { get; }

    /// <inheritdoc/>
    public void Publish(
        EventType type,
        string subject,
        EventSeverity? severity,
        params ReadOnlySpan<(string Name, object? Value)> data)
    {
        ArgumentNullException.ThrowIfNull(type);
        var fields = EventData.Of(data);
        lock (_gate)
        {
            var number = ++_number;
            var one = new RoleEvent(
                new EventCursor(_run, number).ToString(),
                type,
                DateTimeOffset.FromUnixTimeMilliseconds(_time.GetUtcNow().ToUnixTimeMilliseconds()),
                _source,
                subject,
                severity ?? type.Severity,
                fields);
            Feed.Add(number, one);
            if (!_queue.Writer.TryWrite(one))
            {
                _dropped++;
            }
        }
    }

    /// <summary>Takes no more for the sinks, and ends when they have what was told.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task PumpAsync()
    {
        await foreach (var one in _queue.Reader.ReadAllAsync())
        {
            Hand(one);
            if (TakeDropped() is var dropped and > 0)
            {
                LogDropped(dropped);
                this.Publish(EventTypes.AlertLoss, StoreName, ("store", StoreName), ("dropped", dropped));
            }
        }
    }

    private void Hand(RoleEvent one)
    {
        foreach (var sink in _sinks)
        {
            try
            {
                sink.Take(one);
            }
            catch (Exception error)
            {
                // One that is broken must not keep the others from being told.
                LogBroken(error, sink.GetType().Name, one.Type.Name);
            }
        }
    }

    private long TakeDropped()
    {
        lock (_gate)
        {
            var dropped = _dropped;
            _dropped = 0;
            return dropped;
        }
    }

    [LoggerMessage(3601, LogLevel.Error, "{Count} events came faster than they could be told and are lost")]
    private partial void LogDropped(long count);

    [LoggerMessage(3602, LogLevel.Critical, "{Sink} did not take {Event} for a defect of its own")]
    private partial void LogBroken(Exception error, string sink, string @event);
}
