using System.Text.Json;
using System.Threading.Channels;
using Drover.Runtime.Journal;
using Drover.Wire.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Runtime.Uplink;

/// <summary>
/// Puts a role's events on disk in the order they were told, each once. Telling never waits: while the disk refuses,
/// events queue up here, and those beyond the queue are counted and told as an <c>alert.loss</c> when it takes them
/// again. Many at once share one write. Owns its loop and the book of marks.
/// </summary>
internal sealed partial class EventKeeper : IAsyncDisposable
{
    internal const int QueueSize = 4096;
    private const int MaxBatch = 256;
    private const string StoreName = "events";

    /// <summary>Between two tries to write.</summary>
    internal static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly Channel<Told> _queue = Channel.CreateBounded<Told>(
        new BoundedChannelOptions(QueueSize) { SingleReader = true });

    private readonly long _run;
    private readonly Spool _spool;
    private readonly EventMarks _marks;
    private readonly Lock _recording;
    private readonly Action _kept;
    private readonly TimeProvider _time;
    private readonly ILogger<EventKeeper> _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _loop;
    private long _dropped;
    private long _untold;

    /// <param name="run">Number of this run.</param>
    /// <param name="spool">Where events wait for the server.</param>
    /// <param name="marks">The book; owned from here on.</param>
    /// <param name="recording">Held while spool and book disagree.</param>
    /// <param name="kept">Called when there is more in the spool.</param>
    /// <param name="time">Dates losses and paces retries.</param>
    /// <param name="logger">For the person at the terminal.</param>
    internal EventKeeper(
        long run, Spool spool, EventMarks marks, Lock recording, Action kept, TimeProvider time,
        ILogger<EventKeeper> logger)
    {
        (_run, _spool, _marks, _recording) = (run, spool, marks, recording);
        (_kept, _time, _logger) = (kept, time, logger);
        _loop = Task.Run(KeepAsync, CancellationToken.None);
    }

    /// <summary>Fails only for a defect.</summary>
    internal Task Completion => _loop;

    /// <summary>Something happened. Never waits.</summary>
    /// <param name="one">The event.</param>
    /// <param name="mark">By which it is known when it is told again; null for one that never is.</param>
    /// <param name="settled">Called once it need not be told again: kept, or dropped and counted.</param>
    internal void Tell(AgentEventDto one, EventMark? mark, Action? settled)
    {
        if (!_queue.Writer.TryWrite(new Told(one, mark, settled)))
        {
            Interlocked.Increment(ref _dropped);
            settled?.Invoke();
        }
    }

    /// <summary>Takes no more, and returns when what was told is on disk or the patience has ended.</summary>
    internal async Task CompleteAsync(CancellationToken patience)
    {
        _queue.Writer.TryComplete();
        await _loop.WaitAsync(patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends at once; what is not on disk by now is told again by its maker, or lost.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _ending.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _marks.Dispose();
        _ending.Dispose();
    }

    private async Task KeepAsync()
    {
        var batch = new List<Told>();
        while (await _queue.Reader.WaitToReadAsync(_ending.Token))
        {
            while (batch.Count < MaxBatch && _queue.Reader.TryRead(out var told))
            {
                batch.Add(told);
            }

            _untold += Interlocked.Exchange(ref _dropped, 0);
            var done = 0;
            while (!TryKeep(batch, ref done))
            {
                await Task.Delay(RetryPause, _time, _ending.Token);
                _untold += Interlocked.Exchange(ref _dropped, 0);
            }

            batch.ForEach(told => told.Settled?.Invoke());
            batch.Clear();
            _kept();
        }
    }

    private bool TryKeep(List<Told> batch, ref int done)
    {
        try
        {
            lock (_recording)
            {
                for (; done < batch.Count; done++)
                {
                    Append(batch[done]);
                }

                if (_untold > 0)
                {
                    _spool.Append(Serialize(ReportedEvents.Loss(StoreName, _untold, _time.GetUtcNow()), mark: null));
                    LogDropped(_untold);
                    _untold = 0;
                }

                _spool.Flush();
                _marks.Write();
            }

            return true;
        }
        catch (IOException error)
        {
            LogNotKept(batch.Count, error.Message, RetryPause.TotalSeconds);
            return false;
        }
    }

    private void Append(Told told)
    {
        if (told.Mark is { } known && _marks.Has(known))
        {
            return;
        }

        var payload = Serialize(told.Event, told.Mark);
        if (payload.Length > _spool.MaxEntryBytes)
        {
            // That it happened matters more than what it carried.
            payload = Serialize(told.Event with { Data = null }, told.Mark);
        }

        var number = _spool.Append(payload);
        if (told.Mark is { } mark)
        {
            _marks.Note(mark, number);
        }
    }

    private byte[] Serialize(AgentEventDto one, EventMark? mark) => JsonSerializer.SerializeToUtf8Bytes(
        new ForwardedEvent(_run, one, mark), UplinkFilesJson.Default.ForwardedEvent);

    [LoggerMessage(
        3540, LogLevel.Error,
        "cannot keep {Count} events yet: {Reason}; next try in {Seconds} s, free some space in the data directory")]
    private partial void LogNotKept(int count, string reason, double seconds);

    [LoggerMessage(3541, LogLevel.Error, "{Count} events were dropped while the disk refused to take them")]
    private partial void LogDropped(long count);

    private readonly record struct Told(AgentEventDto Event, EventMark? Mark, Action? Settled);
}
