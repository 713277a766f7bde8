using Drover.HostAgent.Commands;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Logs;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Logs;

/// <summary>
/// One followed log from its first line to the reason of its end. A restart of the container, or of the engine, is
/// bridged: it goes on behind the last line given. Ends when the container is gone, or has stopped and stays so.
/// </summary>
internal sealed class LogFollow(
    IContainerEngine engine, LogPageReader pages, StreamRequestDto request, FollowWriter writer, TimeProvider time)
{
    private const int LongestTail = 10_000;
    private const int LongestTailCharacters = 4 << 20;
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StoppedGrace = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EngineGrace = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TouchInterval = TimeSpan.FromSeconds(5);

    private readonly LineRedactor _redactor = new();
    private LogCursor? _cursor;
    private bool _isWarm;

    /// <summary>Follows until there is nothing more to follow.</summary>
    /// <returns>Why.</returns>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        if (Objection() is { } objection)
        {
            return objection;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var touching = TouchAsync(ended);
        try
        {
            return await FollowAsync(ended.Token);
        }
        finally
        {
            await ended.CancelAsync();
            await touching;
        }
    }

    private string? Objection()
    {
        var isCursor = request.Since is { } since && LogCursor.TryParse(since, out _);
        return request.Since is null || isCursor || EngineTimestamp.TryParse(request.Since, out _)
            ? null
            : $"cannot follow \"{request.AppCode}\": since is \"{request.Since}\" and must be a cursor or an RFC "
                + "3339 time";
    }

    private async Task<string> FollowAsync(CancellationToken cancellationToken)
    {
        string id;
        try
        {
            switch (AppResolver.Resolve(await engine.ListAsync(cancellationToken), request.AppCode, request.Container))
            {
                case AppResolution.NotFound missing:
                    return missing.Error.Message;
                case AppResolution.Ambiguous several:
                    return several.Error.Message;
                case AppResolution.Found found:
                    id = found.Container.Id;
                    break;
                default:
                    throw new InvalidOperationException("a resolution of no known kind");
            }

            await BeginAsync(id, cancellationToken);
        }
        catch (DockerException error)
        {
            return error.Message;
        }

        return await FollowContainerAsync(id, cancellationToken);
    }

    /// <summary>Gives the lines to begin with and sets the place to go on from.</summary>
    private async Task BeginAsync(string id, CancellationToken cancellationToken)
    {
        if (request.Since is { } place && LogCursor.TryParse(place, out var cursor))
        {
            _cursor = cursor;
            return;
        }

        var since = EngineTimestamp.TryParse(request.Since, out var moment) ? moment : default;
        if (request.Tail is not { } tail)
        {
            _cursor = request.Since is null ? null : new LogCursor(since, 0);
            return;
        }

        var bounds = new LogBounds(Math.Clamp(tail, 1, LongestTail), LongestTailCharacters);
        var page = await pages.ReadAsync(
            new LogPageRequest(id, null, null, request.Streams, bounds), _redactor, cancellationToken);
        var lines = tail > 0 ? page.Lines.Where(line => IsFrom(since, line)).ToList() : [];
        for (var index = 0; index < lines.Count; index++)
        {
            // Only behind the last of them is a place that a new follow could go on from without losing any.
            await writer.WriteAsync(lines[index], index == lines.Count - 1 ? page.Cursor : null, cancellationToken);
        }

        _cursor = page.Cursor is { } read && read.At >= since ? read
            : request.Since is null ? page.Cursor
            : new LogCursor(since, 0);
        _isWarm = true;
    }

    private static bool IsFrom(EngineTimestamp since, LogLineDto line) =>
        EngineTimestamp.TryParse(line.Ts, out var at) && at >= since;

    private async Task<string> FollowContainerAsync(string id, CancellationToken cancellationToken)
    {
        var engineLostAt = (long?)null;
        var stoppedAt = (long?)null;
        while (true)
        {
            try
            {
                if (await ReadOnAsync(id, cancellationToken))
                {
                    stoppedAt = null;
                }

                engineLostAt = null;
                var state = (await engine.InspectAsync(id, cancellationToken)).State;
                if (state.Status is "exited" or "dead" or "created" or "removing")
                {
                    stoppedAt ??= time.GetTimestamp();
                    if (time.GetElapsedTime(stoppedAt.Value) > StoppedGrace)
                    {
                        return StoppedSentence(state);
                    }
                }
                else
                {
                    stoppedAt = null;
                }
            }
            catch (DockerApiException error) when (error.IsNotFound)
            {
                return "the container was removed";
            }
            catch (DockerApiException error)
            {
                return error.Message;
            }
            catch (DockerUnavailableException error)
            {
                engineLostAt ??= time.GetTimestamp();
                if (time.GetElapsedTime(engineLostAt.Value) > EngineGrace)
                {
                    return error.Message;
                }
            }

            await Task.Delay(LookInterval, time, cancellationToken);
        }
    }

    /// <summary>Reads until the engine ends the stream, as it does when the container stops.</summary>
    /// <returns>True when there was a new line.</returns>
    private async Task<bool> ReadOnAsync(string id, CancellationToken cancellationToken)
    {
        var tracker = new LogTracker(_cursor);
        var query = new LogQuery
        {
            Follow = true,
            Since = _cursor is { } cursor ? cursor.At with { Seconds = cursor.At.Seconds - 1 } : null,
        };
        var any = false;
        var lines = LineReorder.ByTimeAsync(token => engine.LogsAsync(id, query, token), time, cancellationToken);
        await foreach (var line in lines)
        {
            if (!tracker.Advance(line.Timestamp ?? default))
            {
                if (!_isWarm)
                {
                    // The lines before the cursor tell the redactor whether a private key has begun, and go no further.
                    _redactor.Redact(line);
                }

                continue;
            }

            var redacted = _redactor.Redact(line);
            any = true;
            _isWarm = true;
            _cursor = tracker.Cursor;
            if (request.Streams is null || request.Streams.Contains(redacted.Stream, StringComparer.Ordinal))
            {
                await writer.WriteAsync(redacted, _cursor, cancellationToken);
            }
        }

        return any;
    }

    private static string StoppedSentence(ContainerState state) => state.Status is "exited" or "dead"
        ? $"the container stopped with exit code {state.ExitCode}{(state.OomKilled ? " (out of memory)" : "")}"
        : "the container does not run";

    // A write is the only way to learn that the server has closed while the log is silent.
    private async Task TouchAsync(CancellationTokenSource ended)
    {
        try
        {
            while (true)
            {
                await Task.Delay(TouchInterval, time, ended.Token);
                await writer.TouchAsync(ended.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The follow has ended.
        }
        catch (Exception error) when (error is IOException or HttpRequestException or ObjectDisposedException)
        {
            await ended.CancelAsync();
        }
    }
}
