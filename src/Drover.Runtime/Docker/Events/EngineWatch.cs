using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Drover.Runtime.Docker.Engine;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Events;

/// <summary>
/// Watches one engine for as long as it is read: its events in order, each once, and whether it is up, down or hung.
/// It never ends by itself and never throws for the engine's sake. After a broken connection it goes on from the last
/// event;
/// only when it cannot prove that nothing was missed does it say <see cref="EngineNotice.Resync"/>. One reader at a
/// time; read
/// again later, it goes on where it was left, or says Resync when notices were left unread.
/// </summary>
public sealed class EngineWatch
{
    private readonly EventOperations _events;
    private readonly SystemOperations _system;
    private readonly TimeProvider _time;
    private readonly EngineWatchOptions _options;
    private readonly EventCursor _cursor = new();
    private int _state;

    internal EngineWatch(EventOperations events, SystemOperations system, TimeProvider time, EngineWatchOptions options)
    {
        _events = events;
        _system = system;
        _time = time;
        _options = options;
    }

    /// <summary>What the engine is, as last seen.</summary>
    public EngineState State => (EngineState)Volatile.Read(ref _state);

    /// <summary>Watches until the token is cancelled or the reader leaves.</summary>
    public async IAsyncEnumerable<EngineNotice> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var notices = Channel.CreateBounded<EngineNotice>(
            new BoundedChannelOptions(_options.BufferedNotices) { SingleReader = true });
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = RunAsync(notices.Writer, leaving.Token);
        try
        {
            await foreach (var notice in notices.Reader.ReadAllAsync(cancellationToken))
            {
                yield return notice;
            }
        }
        finally
        {
            await leaving.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (notices.Reader.TryPeek(out _))
            {
                _cursor.Forget();
            }
        }
    }

    private async Task RunAsync(ChannelWriter<EngineNotice> notices, CancellationToken cancellationToken)
    {
        try
        {
            var delay = _options.FirstRetryDelay;
            while (true)
            {
                var start = _time.GetTimestamp();
                if (await FollowAsync(notices, cancellationToken) && _time.GetElapsedTime(start) > delay)
                {
                    // It held for a while: the next try is due at once and tells whether the engine is still there.
                    delay = _options.FirstRetryDelay;
                    continue;
                }

                await Task.Delay(delay, _time, cancellationToken);
                delay = delay * 2 < _options.MaxRetryDelay ? delay * 2 : _options.MaxRetryDelay;
            }
        }
        catch (Exception exception)
        {
            notices.TryComplete(exception is OperationCanceledException ? null : exception);
        }
    }

    /// <summary>Connects once and follows until that connection is of no more use. True when it had been of
    /// use.</summary>
    private async Task<bool> FollowAsync(ChannelWriter<EngineNotice> notices, CancellationToken cancellationToken)
    {
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var connected = false;
        try
        {
            var facts = await AskFactsAsync(cancellationToken);
            _cursor.Meet(facts.Id, facts.SystemTime);
            await using var stream = await _events.OpenAsync(
                _options.Filters, _cursor.Since, until: null, cancellationToken);
            connected = true;
            await ChangeAsync(notices, EngineState.Up, "the engine answers", cancellationToken);

            var pinging = PingAsync(notices, connection, cancellationToken);
            try
            {
                await PumpAsync(stream, notices, connection.Token);
            }
            finally
            {
                await connection.CancelAsync();
                await pinging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The pings gave this connection up and have said why.
        }
        catch (DockerException exception)
            when (!connected || exception is not DockerUnavailableException { Failure: DockerFailure.ConnectionLost })
        {
            await ChangeAsync(notices, StateAfter(exception), exception.Message, cancellationToken);
        }
        catch (DockerException)
        {
            // A connection that ends says nothing of the engine yet; the next try does.
        }

        return connected;
    }

    private async Task<EngineFacts> AskFactsAsync(CancellationToken cancellationToken)
    {
        await _system.PingAsync(cancellationToken);
        return await _system.InfoAsync(cancellationToken);
    }

    private async Task PumpAsync(
        EngineStream stream, ChannelWriter<EngineNotice> notices, CancellationToken cancellationToken)
    {
        await using var events = _events.ReadAsync(stream, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var next = events.MoveNextAsync().AsTask();
        try
        {
            var reason = _cursor.ReasonToResync;
            if (reason is null && !await IsReplayedAsync(next, events, cancellationToken))
            {
                reason = "the connection to the engine broke and events may have been missed";
            }

            if (reason is not null)
            {
                await notices.WriteAsync(new EngineNotice.Resync(reason), cancellationToken);
            }

            while (await next)
            {
                // The mark moves only once the event is handed over: a connection given up here gives it again.
                if (_cursor.IsNew(events.Current))
                {
                    await notices.WriteAsync(new EngineNotice.Happened(events.Current), cancellationToken);
                    _cursor.Advance(events.Current);
                }

                next = events.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            // An enumerator may only be disposed when its last step has ended; cancelling ends it at once.
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The engine sends the last known event again when its memory still reaches back to it: then no event is
    /// missing.</summary>
    private async Task<bool> IsReplayedAsync(
        Task<bool> next, IAsyncEnumerator<DockerEvent> events, CancellationToken cancellationToken)
    {
        using var window = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var first = await Task.WhenAny(next, Task.Delay(_options.ReplayWindow, _time, window.Token));
        await window.CancelAsync();
        return first == next && await next && _cursor.IsLast(events.Current);
    }

    /// <summary>Asks for signs of life and gives the connection up when there is a better one to be had.</summary>
    private async Task PingAsync(
        ChannelWriter<EngineNotice> notices, CancellationTokenSource connection, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_options.PingInterval, _time, connection.Token);
            try
            {
                await _system.PingAsync(connection.Token);
                if (State is EngineState.Hung)
                {
                    // Over a network the old connection may be dead without a sign: go on from the last event
                    // on a new one.
                    await connection.CancelAsync();
                }
            }
            catch (DockerException exception)
            {
                var state = StateAfter(exception);
                await ChangeAsync(notices, state, exception.Message, cancellationToken);
                if (state is EngineState.Down)
                {
                    await connection.CancelAsync();
                }
            }
        }
    }

    private async ValueTask ChangeAsync(
        ChannelWriter<EngineNotice> notices, EngineState state, string reason, CancellationToken cancellationToken)
    {
        if (state != State)
        {
            Volatile.Write(ref _state, (int)state);
            await notices.WriteAsync(new EngineNotice.StateChanged(state, reason), cancellationToken);
        }
    }

    private static EngineState StateAfter(DockerException exception) =>
        exception is DockerUnavailableException { Failure: DockerFailure.TimedOut }
            ? EngineState.Hung
            : EngineState.Down;
}
