using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;
using Drover.Runtime.Auth;
using Drover.Runtime.Files;
using Microsoft.Extensions.Logging;

namespace Drover.Supervisor.Control;

/// <summary>
/// The supervisor's socket: one JSON object a line each way, for the user that runs it and for root. Plain sockets,
/// because a web server would double the memory of the daemon. Connections, lines and waits are bounded. The caller
/// holds the lock of the data directory, so that a socket file found there is a leftover.
/// </summary>
internal sealed partial class ControlServer : IAsyncDisposable
{
    private const int LongestRequest = 4096;

    /// <summary>Conversations at once.</summary>
    internal const int MaxConnections = 64;

    /// <summary>So many of them may be watching, so that there is always room for an order.</summary>
    internal const int MaxWatchers = 48;

    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(10);

    /// <summary>Who does not read for so long has stopped.</summary>
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan WatchPause = TimeSpan.FromMilliseconds(100);

    // Who ordered the end is told that it came.
    private static readonly TimeSpan AnswerGrace = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, bool> _answers = new();
    private readonly string _path;
    private readonly IControlHandler _handler;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Socket _listener;
    private readonly uint _owner;
    private int _connections;
    private int _watchers;
    private Task _loop = Task.CompletedTask;

    private ControlServer(
        string path, IControlHandler handler, TimeProvider time, ILogger logger, Socket listener, uint owner)
    {
        (_path, _handler, _time, _logger, _listener, _owner) = (path, handler, time, logger, listener, owner);
    }

    /// <summary>Listens from now on.</summary>
    /// <param name="path">Of the socket, in a directory that only its owner enters.</param>
    /// <param name="handler">Answers.</param>
    /// <param name="time">Clock of the limits.</param>
    /// <param name="logger">Where refusals are told.</param>
    /// <param name="owner">The user that is answered besides root.</param>
    /// <exception cref="SupervisorStartException">No socket can be there.</exception>
    internal static ControlServer Start(
        string path, IControlHandler handler, TimeProvider time, ILogger logger, uint owner)
    {
        if (ControlPath.Objection(path) is { } objection)
        {
            throw new SupervisorStartException(objection);
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            File.Delete(path);
            listener.Bind(new UnixDomainSocketEndPoint(path));

            // Before it listens nobody can connect, so there is no moment at which others could.
            File.SetUnixFileMode(path, AtomicFile.OwnerOnly);
            listener.Listen(MaxConnections);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new SupervisorStartException($"cannot listen on \"{path}\": {error.Message}", error);
        }

        var server = new ControlServer(path, handler, time, logger, listener, owner);
        server._loop = Task.Run(server.AcceptAsync, CancellationToken.None);
        return server;
    }

    /// <summary>The user that runs the supervisor, and root, who could be that user anyway.</summary>
    internal static bool MayAsk(PeerCredentials peer, uint owner) => peer.UserId == owner || peer.UserId == 0;

    /// <summary>
    /// Nobody new is heard, and the socket file is gone; who waits for an answer has a moment to get it.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        File.Delete(_path);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        await Task.WhenAll(_answers.Keys).WaitAsync(AnswerGrace, _time)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stopping.CancelAsync();
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_closing.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException error)
            {
                // Out of descriptors, mostly: those who wait in the queue get their turn.
                LogAcceptFailed(_logger, error.Message);
                await PauseAsync(RequestTime / 10);
                continue;
            }

            if (Interlocked.Increment(ref _connections) > MaxConnections)
            {
                Interlocked.Decrement(ref _connections);
                TurnAway(socket);
                continue;
            }

            _ = Task.Run(() => ServeAsync(socket), CancellationToken.None);
        }
    }

    /// <summary>Says why at once or not at all: nobody is waited for here.</summary>
    private void TurnAway(Socket socket)
    {
        var full = new ControlReply
        {
            Fault = new ControlFault(
                $"cannot answer: {MaxConnections} others are being answered", "ask again in a moment"),
        };
        try
        {
            using (socket)
            {
                socket.Blocking = false;
                var line = JsonSerializer.SerializeToUtf8Bytes(full, ControlJson.Default.ControlReply);
                socket.Send([.. line, (byte)'\n']);
            }
        }
        catch (SocketException)
        {
            // It hung up already.
        }

        LogFull(_logger, MaxConnections);
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var lines = new LineStream(new NetworkStream(socket, ownsSocket: true), LongestRequest);
        try
        {
            await ConverseAsync(socket, lines);
        }
        catch (Exception error) when (error is IOException or SocketException or OperationCanceledException)
        {
            // The other side is gone, too slow, or this side ends.
        }
        catch (Exception error)
        {
            LogDefect(_logger, error);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }

    private async Task ConverseAsync(Socket socket, LineStream lines)
    {
        var peer = PeerCredentials.Of(socket);
        if (!MayAsk(peer, _owner))
        {
            LogRefused(_logger, PeerCredentials.NameOf(peer.UserId), peer.ProcessId);
            await RefuseAsync(
                lines,
                new ControlException(
                    $"cannot answer {PeerCredentials.NameOf(peer.UserId)}: this supervisor runs as "
                        + $"{PeerCredentials.NameOf(_owner)}",
                    "ask as that user or as root")
                { Refusal = ControlRefusal.NotAllowed });
            return;
        }

        ControlRequest? request;
        try
        {
            using var limit = new CancellationTokenSource(RequestTime, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stopping.Token);
            request = await lines.ReadAsync(ControlJson.Default.ControlRequest, either.Token);
        }
        catch (Exception error) when (error is JsonException or InvalidDataException)
        {
            await RefuseAsync(lines, new ControlException($"cannot understand the request: {error.Message}"));
            return;
        }

        if (request is not null)
        {
            await AnswerAsync(lines, request, peer);
        }
    }

    private async Task AnswerAsync(LineStream lines, ControlRequest request, PeerCredentials peer)
    {
        using var hungUp = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var listening = lines.WaitForEndAsync(hungUp.Token);
        _ = listening.ContinueWith(
            static (_, source) => ((CancellationTokenSource)source!).Cancel(),
            hungUp,
            hungUp.Token,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        try
        {
            if (request.Verb is ControlVerb.Watch)
            {
                await WatchAsync(lines, hungUp.Token);
                return;
            }

            // Known before the question is put: what is asked may be the end of this.
            var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _answers.TryAdd(answered.Task, true);
            try
            {
                await WriteAsync(lines, await _handler.AnswerAsync(request, peer, hungUp.Token), hungUp.Token);
            }
            finally
            {
                answered.SetResult();
                _answers.TryRemove(answered.Task, out _);
            }
        }
        catch (ControlException refusal)
        {
            await RefuseAsync(lines, refusal);
        }
        finally
        {
            await hungUp.CancelAsync();
            await listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Ends the conversation with one who does not read, instead of keeping a place for it for ever.</summary>
    private async Task WriteAsync(LineStream lines, ControlReply reply, CancellationToken hungUp)
    {
        using var limit = new CancellationTokenSource(WriteTime, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, hungUp);
        await lines.WriteAsync(reply, ControlJson.Default.ControlReply, either.Token);
    }

    private async Task WatchAsync(LineStream lines, CancellationToken hungUp)
    {
        try
        {
            if (Interlocked.Increment(ref _watchers) > MaxWatchers)
            {
                throw new ControlException(
                    $"cannot be watched by more: {MaxWatchers} watch already", "ask for the status once");
            }

            await WatchChangesAsync(lines, hungUp);
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    private async Task WatchChangesAsync(LineStream lines, CancellationToken hungUp)
    {
        while (true)
        {
            var change = _handler.NextChange;
            await WriteAsync(lines, new ControlReply { Status = _handler.Status() }, hungUp);
            await change.WaitAsync(hungUp);

            // A storm of changes is one line.
            await Task.Delay(WatchPause, _time, hungUp);
        }
    }

    private Task RefuseAsync(LineStream lines, ControlException refusal) => WriteAsync(
        lines,
        new ControlReply { Fault = new ControlFault(refusal.Message, refusal.Hint, refusal.Refusal) },
        _stopping.Token);

    private async Task PauseAsync(TimeSpan pause) =>
        await Task.Delay(pause, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(4201, LogLevel.Warning, "cannot accept a connection on the control socket: {Why}")]
    private static partial void LogAcceptFailed(ILogger logger, string why);

    [LoggerMessage(4202, LogLevel.Warning, "refused {User} (process {Pid}) on the control socket")]
    private static partial void LogRefused(ILogger logger, string user, int pid);

    [LoggerMessage(4204, LogLevel.Warning, "turned a caller away: {Most} others are being answered")]
    private static partial void LogFull(ILogger logger, int most);

    [LoggerMessage(4203, LogLevel.Error, "answering on the control socket failed")]
    private static partial void LogDefect(ILogger logger, Exception exception);
}
