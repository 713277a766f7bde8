using System.Threading.Channels;
using Drover.Core.Events;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Components;

/// <summary>
/// Takes events and ends from the runners at the price of a queue, and does the slow part, in their order, in one loop
/// of its own: the log line, the last words of an instance, the history on disk.
/// </summary>
internal sealed partial class EventPump : IComponentEvents, IAsyncDisposable
{
    private const int QueueSize = 4096;
    private const int LastLines = 20;

    private readonly Channel<Item> _queue = Channel.CreateBounded<Item>(
        new BoundedChannelOptions(QueueSize) { SingleReader = true });

    private readonly HistoryStore _history;
    private readonly Action<ComponentEvent> _forward;
    private readonly Action<long> _lost;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private long _dropped;

    /// <param name="history">Where ends are kept.</param>
    /// <param name="forward">Who else is told of events; called in the loop, in order.</param>
    /// <param name="lost">Who else is told how many there was no room for.</param>
    /// <param name="logger">Where events become lines.</param>
    internal EventPump(
        HistoryStore history, Action<ComponentEvent> forward, Action<long> lost, ILogger logger)
    {
        (_history, _forward, _lost, _logger) = (history, forward, lost, logger);
        _loop = Task.Run(PumpAsync, CancellationToken.None);
    }

    public void Emit(ComponentEvent happened) => Queue(new Item { Event = happened });

    public void Ended(
        HistoryEntry entry, IComponentOutput output, OutputExtent extent, bool isRepeat, Action kept) =>
        Queue(new Item { Entry = entry, Output = output, Extent = extent, IsRepeat = isRepeat, Kept = kept });

    /// <summary>Everything queued so far is logged and on disk.</summary>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new Item { Flushed = flushed }, cancellationToken);
        await flushed.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Ends when the queue is empty.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private void Queue(Item item)
    {
        if (!_queue.Writer.TryWrite(item))
        {
            Interlocked.Increment(ref _dropped);
            item.Event?.Settled?.Invoke();
        }
    }

    private async Task PumpAsync()
    {
        while (await _queue.Reader.WaitToReadAsync())
        {
            var entries = new List<HistoryEntry>();
            var flushes = new List<TaskCompletionSource>();
            var kept = new List<Action>();
            while (entries.Count < LastLines && _queue.Reader.TryRead(out var item))
            {
                if (item.Flushed is { } flushed)
                {
                    flushes.Add(flushed);
                }
                else if (item.Entry is { } entry)
                {
                    kept.Add(item.Kept!);
                    if (!item.IsRepeat || !_history.Holds(entry))
                    {
                        entries.Add(entry with { Log = await item.Output!.LastLinesAsync(item.Extent, LastLines) });
                    }
                }
                else
                {
                    Tell(item.Event!);
                }
            }

            // Also when there is nothing to add: what was found there may never have reached the disk.
            if (kept.Count > 0 && _history.Add(entries))
            {
                kept.ForEach(tell => tell());
            }

            flushes.ForEach(flushed => flushed.TrySetResult());
            if (Interlocked.Exchange(ref _dropped, 0) is var dropped and > 0)
            {
                LogDropped(_logger, dropped);
                _lost(dropped);
            }
        }
    }

    private void Tell(ComponentEvent happened)
    {
        if (!happened.IsRepeated)
        {
            Log(happened);
        }

        _forward(happened);
    }

    private void Log(ComponentEvent happened)
    {
        var fields = string.Join(", ", happened.Fields.Select(field => $"{field.Name}={field.Value}"));
        var level = happened.Type.Severity switch
        {
            EventSeverity.Info => LogLevel.Information,
            EventSeverity.Warning => LogLevel.Warning,
            EventSeverity.Error => LogLevel.Error,
        };
        LogEvent(_logger, level, happened.Component.Name, happened.Type.Name, fields);
    }

    [LoggerMessage(EventId = 4010, Message = "{Component}: {Event} {Fields}")]
    private static partial void LogEvent(
        ILogger logger, LogLevel level, string component, string @event, string fields);

    [LoggerMessage(4011, LogLevel.Error, "{Count} events came faster than they could be written and are lost")]
    private static partial void LogDropped(ILogger logger, long count);

    private readonly record struct Item
    {
        internal ComponentEvent? Event { get; init; }

        internal HistoryEntry? Entry { get; init; }

        internal IComponentOutput? Output { get; init; }

        internal OutputExtent Extent { get; init; }

        internal bool IsRepeat { get; init; }

        internal Action? Kept { get; init; }

        internal TaskCompletionSource? Flushed { get; init; }
    }
}
