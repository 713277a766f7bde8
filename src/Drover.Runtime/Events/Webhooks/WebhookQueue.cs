using System.Text.Json;
using System.Threading.Channels;
using Drover.Core.Events;
using Drover.Runtime.Journal;
using Drover.Wire;
using Drover.Wire.People;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// What a receiver has still to be told, on disk, in order and bounded. Taking never waits: while the disk refuses,
/// events queue up in memory, and those beyond are counted and told as an <c>alert.loss</c>. Owns its loop and the
/// spool.
/// </summary>
internal sealed partial class WebhookQueue : IAsyncDisposable
{
    private const int QueueSize = 4096;
    private const int MaxBatch = 256;

    /// <summary>Between two tries to write.</summary>
    internal static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly Channel<Taken> _queue = Channel.CreateBounded<Taken>(
        new BoundedChannelOptions(QueueSize) { SingleReader = true });

    private readonly string _name;
    private readonly Action _kept;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;
    private long _dropped;
    private long _untold;

    internal WebhookQueue(
        string name, string directory, long maxBytes, Action kept, TimeProvider time, ILogger logger)
    {
        (_name, _kept, _time, _logger) = (name, kept, time, logger);
        Spool = Spool.Open(directory, new SpoolOptions(maxBytes));
        _loop = Task.Run(KeepAsync, CancellationToken.None);
    }

    /// <summary>What is kept.</summary>
    internal Spool Spool { get; }

    /// <summary>How an event is kept.</summary>
    internal static byte[] Serialize(EventDto one) =>
        JsonSerializer.SerializeToUtf8Bytes(one, WireJson.Default.EventDto);

    /// <summary>An event as it was kept; null when another version wrote it.</summary>
    internal static EventDto? Parse(ReadOnlyMemory<byte> payload)
    {
        try
        {
            return JsonSerializer.Deserialize(payload.Span, WireJson.Default.EventDto);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Takes an event. Never waits.</summary>
    /// <param name="one">The event.</param>
    /// <param name="settled">Called once it need not be taken again: on disk, or dropped and counted. On any
    /// thread.</param>
    internal void Take(EventDto one, Action? settled)
    {
        if (!_queue.Writer.TryWrite(new Taken(one, settled)))
        {
            Interlocked.Increment(ref _dropped);
            settled?.Invoke();
        }
    }

    /// <summary>Takes no more, and returns when what was taken is on disk or the patience has ended.</summary>
    internal async Task CompleteAsync(CancellationToken patience)
    {
        _queue.Writer.TryComplete();
        await _loop.WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ending.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Spool.Dispose();
        _ending.Dispose();
    }

    private async Task KeepAsync()
    {
        var batch = new List<Taken>();
        while (await _queue.Reader.WaitToReadAsync(_ending.Token))
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var one))
            {
                batch.Add(one);
            }

            var done = 0;
            do
            {
                _untold += Interlocked.Exchange(ref _dropped, 0);
                if (TryKeep(batch, ref done))
                {
                    break;
                }

                await Task.Delay(RetryPause, _time, _ending.Token);
            }
            while (true);

            batch.ForEach(taken => taken.Settled?.Invoke());
            batch.Clear();
            _kept();
        }
    }

    private bool TryKeep(List<Taken> batch, ref int done)
    {
        try
        {
            for (; done < batch.Count; done++)
            {
                var one = batch[done].Event;
                var payload = Serialize(one);

                // That it happened matters more than what it carried.
                _ = Spool.Append(payload.Length > Spool.MaxEntryBytes
                    ? Serialize(one with { Data = null })
                    : payload);
            }

            if (_untold > 0)
            {
                var last = batch[^1].Event;
                Spool.Append(Serialize(WebhookLoss.Of(_name, _untold, last.Id, last.Source, _time)));
                LogDropped(_name, _untold);
                _untold = 0;
            }

            Spool.Flush();
            return true;
        }
        catch (IOException error)
        {
            LogNotKept(batch.Count, _name, error.Message, RetryPause.TotalSeconds);
            return false;
        }
    }

    [LoggerMessage(
        3610, LogLevel.Error,
        "cannot keep {Count} events for the webhook \"{Webhook}\" yet: {Reason}; next try in {Seconds} s, free some "
            + "space in the data directory")]
    private partial void LogNotKept(int count, string webhook, string reason, double seconds);

    [LoggerMessage(
        3611, LogLevel.Error,
        "{Count} events for the webhook \"{Webhook}\" were dropped while the disk refused to take them")]
    private partial void LogDropped(string webhook, long count);

    private readonly record struct Taken(EventDto Event, Action? Settled);
}

/// <summary>What a receiver is told in the place of events that were dropped.</summary>
internal static class WebhookLoss
{
    /// <param name="webhook">The receiver.</param>
    /// <param name="dropped">How many it will never be told.</param>
    /// <param name="beside">The event next to them: the id is made of its, so that it is the same when it is told
    /// again.</param>
    /// <param name="source">Of that event.</param>
    /// <param name="time">Dates it.</param>
    internal static EventDto Of(string webhook, long dropped, string beside, string source, TimeProvider time)
    {
        var store = $"webhook {webhook}";
        return new EventDto(
            $"{beside}-lost",
            EventTypes.AlertLoss.Name,
            time.GetUtcNow(),
            source,
            store,
            EventData.NameOf(EventTypes.AlertLoss.Severity),
            EventData.Of([("store", store), ("dropped", dropped)]));
    }
}
