using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Drover.Wire.People;

namespace Drover.Wire.Client;

internal sealed partial class Exchange
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>A connection without a word for this long is dead: the peer sends a comment every 15 s.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(50);

    /// <summary>Server-sent events for ever: a broken connection is made again after a pause. Refusals are
    /// thrown.</summary>
    public async IAsyncEnumerable<SseFrame> FollowAsync(
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
                            broken = $"{peer} closed the stream";
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
