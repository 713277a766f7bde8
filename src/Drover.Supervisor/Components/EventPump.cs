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

    /// <summary>Fails for a defect: nothing is logged, kept or forwarded from then on.</summary>
    internal Task Completion => _loop;

    /// <summary>Everything queued so far is logged and on disk, or waits for a disk that refuses.</summary>
    /// <exception cref="ControlException">It will never be.</exception>
    internal async Task FlushAsync(CancellationToken cancellationToken)
    {
        var flushed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _queue.Writer.WriteAsync(new Item { Flushed = flushed }, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw Broken();
        }

        // What the loop had not come to when it broke is answered by its end.
        await Task.WhenAny(flushed.Task, _loop).WaitAsync(cancellationToken);
        if (!flushed.Task.IsCompleted)
        {
            throw Broken();
        }
    }

    /// <summary>Ends when the queue is empty.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static ControlException Broken() => new(
        "cannot write the history of restarts: the part of the supervisor that does it has failed or ended",
        "its log says why; start the supervisor again");

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
        try
        {
            while (await _queue.Reader.WaitToReadAsync())
            {
                await WriteBatchAsync();
            }
        }
        finally
        {
            // After a defect nobody reads; who tells something must not believe that somebody does.
            _queue.Writer.TryComplete();
        }
    }

    private async Task WriteBatchAsync()
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
                    entries.Add(entry with { Log = await LastLinesAsync(item) });
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

    /// <summary>An end without its last words is worth more than none.</summary>
    private async ValueTask<IReadOnlyList<string>> LastLinesAsync(Item item)
    {
        try
        {
            return await item.Output!.LastLinesAsync(item.Extent, LastLines);
        }
        catch (Exception defect)
        {
            LogNoLines(_logger, item.Entry!.Component, item.Entry.Instance, defect);
            return [];
        }
    }

    /// <summary>One that cannot be told is not the next one's fault.</summary>
    private void Tell(ComponentEvent happened)
    {
        try
        {
            if (!happened.IsRepeated)
            {
                Log(happened);
            }

            _forward(happened);
        }
        catch (Exception defect)
        {
            LogUntold(_logger, happened.Component.Name, happened.Type.Name, defect);
        }
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

    [LoggerMessage(4012, LogLevel.Error, "{Component}: {Event} could not be told")]
    private static partial void LogUntold(ILogger logger, string component, string @event, Exception exception);

    [LoggerMessage(4013, LogLevel.Error, "the last lines of instance {Instance} of \"{Component}\" could not be read")]
    private static partial void LogNoLines(ILogger logger, string component, long instance, Exception exception);

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
