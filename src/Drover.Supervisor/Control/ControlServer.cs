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
    private const int MaxConnections = 64;

    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(10);
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
                socket.Dispose();
                continue;
            }

            _ = Task.Run(() => ServeAsync(socket), CancellationToken.None);
        }
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

            var answer = AnswerOnceAsync(lines, request, peer, hungUp.Token);
            _answers.TryAdd(answer, true);
            try
            {
                await answer;
            }
            finally
            {
                _answers.TryRemove(answer, out _);
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

    private async Task AnswerOnceAsync(
        LineStream lines, ControlRequest request, PeerCredentials peer, CancellationToken hungUp)
    {
        var reply = await _handler.AnswerAsync(request, peer, hungUp);
        await lines.WriteAsync(reply, ControlJson.Default.ControlReply, hungUp);
    }

    private async Task WatchAsync(LineStream lines, CancellationToken hungUp)
    {
        while (true)
        {
            var change = _handler.NextChange;
            await lines.WriteAsync(
                new ControlReply { Status = _handler.Status() }, ControlJson.Default.ControlReply, hungUp);
            await change.WaitAsync(hungUp);

            // A storm of changes is one line.
            await Task.Delay(WatchPause, _time, hungUp);
        }
    }

    private async Task RefuseAsync(LineStream lines, ControlException refusal) => await lines.WriteAsync(
        new ControlReply { Fault = new ControlFault(refusal.Message, refusal.Hint, refusal.Refusal) },
        ControlJson.Default.ControlReply,
        _stopping.Token);

    private async Task PauseAsync(TimeSpan pause) =>
        await Task.Delay(pause, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    [LoggerMessage(4201, LogLevel.Warning, "cannot accept a connection on the control socket: {Why}")]
    private static partial void LogAcceptFailed(ILogger logger, string why);

    [LoggerMessage(4202, LogLevel.Warning, "refused {User} (process {Pid}) on the control socket")]
    private static partial void LogRefused(ILogger logger, string user, int pid);

    [LoggerMessage(4203, LogLevel.Error, "answering on the control socket failed")]
    private static partial void LogDefect(ILogger logger, Exception exception);
}
