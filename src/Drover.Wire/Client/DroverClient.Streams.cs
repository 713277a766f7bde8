using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Wire.Client;

public sealed partial class DroverClient
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>A connection without a word for this long is dead: the server sends a comment every 15 s.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(50);

    /// <summary>
    /// Events from now on, or after <see cref="EventQuery.After"/>, for ever: a broken connection is made again and
    /// resumes after the last event seen, or the last id the server named meanwhile, so that none is missed and none
    /// comes twice. Refusals are thrown.
    /// </summary>
    /// <param name="query">Which events.</param>
    /// <param name="onConnection">Told <c>null</c> when a connection stands, else why it does not.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<EventDto> FollowEventsAsync(
        EventQuery query, Action<string?>? onConnection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var last = query.After;
        string Path() => EventPath(Routes.EventStream, query with { After = last }).ToString();
        await foreach (var frame in FollowAsync(Path, () => last, id => last = id, onConnection, cancellationToken)
            .ConfigureAwait(false))
        {
            if (JsonSerializer.Deserialize(frame.Data, WireJson.Default.EventDto) is { } one)
            {
                last = frame.Id ?? one.Id;
                yield return one;
            }
        }
    }

    /// <summary>
    /// Lines of a container's log while they are written. A broken connection is made again and goes on after the last
    /// line seen. Ends with the line that has <see cref="FollowLineDto.End"/>.
    /// </summary>
    /// <param name="query">Which log and from where.</param>
    /// <param name="onConnection">Told <c>null</c> when a connection stands, else why it does not.</param>
    /// <param name="cancellationToken">Ends the stream.</param>
    public async IAsyncEnumerable<FollowLineDto> FollowLogAsync(
        LogQuery query, Action<string?>? onConnection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var cursor = query.Cursor;
        string Path() => LogPath(query, cursor).ToString();
        await foreach (var frame in FollowAsync(Path, () => cursor, id => cursor = id, onConnection, cancellationToken)
            .ConfigureAwait(false))
        {
            if (JsonSerializer.Deserialize(frame.Data, WireJson.Default.FollowLineDto) is { } line)
            {
                cursor = line.Cursor ?? frame.Id ?? cursor;
                yield return line;
                if (line.End is not null)
                {
                    yield break;
                }
            }
        }
    }

    private static Query LogPath(LogQuery query, string? cursor) => new Query(Routes.LogStream)
        .With("app", query.App).With("host", query.Host).With("container", query.Container)
        .With("since", cursor is null ? query.Since : null).With("tail", cursor is null ? query.Tail : null)
        .WithEach("stream", query.Streams).With("cursor", cursor);

    private async IAsyncEnumerable<SseFrame> FollowAsync(
        Func<string> path,
        Func<string?> lastId,
        Action<string> onId,
        Action<string?>? onConnection,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        while (true)
        {
            using var alive = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var silence = time.CreateTimer(
                state => ((CancellationTokenSource)state!).Cancel(), alive, Silence, Timeout.InfiniteTimeSpan);
            var frames =
                OpenAsync(path(), lastId(), onId, () => silence.Change(Silence, Timeout.InfiniteTimeSpan), alive.Token)
                .GetAsyncEnumerator(alive.Token);
            string? broken = null;
            await using (frames.ConfigureAwait(false))
            {
                while (broken is null)
                {
                    try
                    {
                        if (!await frames.MoveNextAsync().ConfigureAwait(false))
                        {
                            broken = "the server closed the stream";
                            break;
                        }
                    }
                    catch (Exception error) when (IsBroken(error, resumes: lastId() is not null, cancellationToken))
                    {
                        broken = error is OperationCanceledException
                            ? $"no word for {Silence.TotalSeconds:0} s"
                            : error.Message;
                        break;
                    }

                    if (frames.Current is { } frame)
                    {
                        pause = FirstPause;
                        yield return frame;
                    }
                    else
                    {
                        onConnection?.Invoke(null);
                    }
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            onConnection?.Invoke(broken);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>
    /// What making the connection again can mend: silence and faults of the server, and once something was received
    /// also a host that is away for a while. Never a refusal.
    /// </summary>
    private static bool IsBroken(Exception error, bool resumes, CancellationToken cancellationToken) => error switch
    {
        ServerProblemException { Name: Problems.HostUnavailable } => resumes,
        ServerProblemException problem => problem.Status >= HttpStatusCode.InternalServerError,
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        ServerUnreachableException or IOException or HttpRequestException => true,
        _ => false,
    };

    /// <summary>One connection: a null once it stands, then its events.</summary>
    private async IAsyncEnumerable<SseFrame?> OpenAsync(
        string path,
        string? lastId,
        Action<string> onId,
        Action onWord,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastId is not null)
        {
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        }

        using var response =
            await ExchangeAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        yield return null;
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await foreach (var frame in SseReader.ReadAsync(new NoticingStream(stream, onWord), onId, cancellationToken)
            .ConfigureAwait(false))
        {
            if (frame.Event == "problem")
            {
                var problem = JsonSerializer.Deserialize(frame.Data, WireJson.Default.ProblemDto)
                    ?? new ProblemDto(null, null, null, "the stream ended with a problem");
                throw new ServerProblemException((HttpStatusCode)(problem.Status ?? 500), problem);
            }

            yield return frame;
        }
    }
}
