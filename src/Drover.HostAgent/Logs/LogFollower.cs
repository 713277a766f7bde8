using Drover.HostAgent.Commands;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Logs;

/// <summary>
/// Owns the uploads of followed logs: at most 16 at once, each ended by the server closing it, by the container's
/// end, or by <see cref="StopAsync"/>. A host whose policy forbids <c>logs</c> forbids following them too.
/// </summary>
internal sealed partial class LogFollower(
    ICommandServer server,
    IContainerEngine engine,
    LogPageReader pages,
    HostPolicy policy,
    TimeProvider time,
    ILogger<LogFollower> log) : IDisposable
{
    private const int MaxFollowers = 16;
    private const int MaxRefusals = 16;
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(2);

    private readonly ILogger<LogFollower> _log = log;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _uploads = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Uploads under way.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _uploads.Count;
            }
        }
    }

    /// <summary>Begins an upload; one that is under way already is not begun twice.</summary>
    public void Start(StreamRequestDto request)
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested
                || _uploads.ContainsKey(request.Id)
                || _uploads.Count >= MaxFollowers + MaxRefusals)
            {
                return;
            }

            var hasRoom = _uploads.Count < MaxFollowers;
            var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _uploads[request.Id] = gone.Task;
            _ = Task.Run(() => UploadAsync(request, hasRoom, gone), CancellationToken.None);
        }
    }

    /// <summary>Ends all uploads.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        Task[] uploads;
        lock (_gate)
        {
            uploads = [.. _uploads.Values];
        }

        await Task.WhenAll(uploads).WaitAsync(StopLimit, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private async Task UploadAsync(StreamRequestDto request, bool hasRoom, TaskCompletionSource gone)
    {
        try
        {
            using var content = new FollowContent((stream, token) => WriteAsync(request, hasRoom, stream, token));
            await server.UploadStreamAsync(request.Id, content, _stopping.Token);
        }
        catch (Exception error)
            when (error is ServerCallException or IOException or HttpRequestException or OperationCanceledException)
        {
            LogEnded(request.AppCode, error.Message);
        }
        catch (Exception error)
        {
            LogDefect(request.AppCode, error);
        }
        finally
        {
            lock (_gate)
            {
                _uploads.Remove(request.Id);
            }

            gone.SetResult();
        }
    }

    private async Task WriteAsync(
        StreamRequestDto request, bool hasRoom, Stream stream, CancellationToken cancellationToken)
    {
        // The content is not always given the request's own token.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        using var writer = new FollowWriter(stream);
        if (PolicyGate.Objection(policy, CommandTypes.Logs) is { } objection)
        {
            await writer.EndAsync(objection.Message, either.Token);
            return;
        }

        if (!hasRoom)
        {
            await writer.EndAsync(
                $"cannot follow \"{request.AppCode}\": {MaxFollowers} logs of this host are being followed",
                either.Token);
            return;
        }

        var follow = new LogFollow(engine, pages, request, writer, time);
        var reason = await follow.RunAsync(either.Token);
        await writer.EndAsync(reason, either.Token);
    }

    [LoggerMessage(2361, LogLevel.Debug, "following the log of {AppCode} ended: {Why}")]
    private partial void LogEnded(string appCode, string why);

    [LoggerMessage(2362, LogLevel.Error, "following the log of {AppCode} met a defect")]
    private partial void LogDefect(string appCode, Exception error);
}
