using System.Runtime.CompilerServices;
using System.Text.Json;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Wire.Client;

public sealed partial class DroverClient
{
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
        var frames = _exchange.FollowAsync(Path, () => last, id => last = id, onConnection, cancellationToken);
        await foreach (var frame in frames.ConfigureAwait(false))
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
        var frames = _exchange.FollowAsync(Path, () => cursor, id => cursor = id, onConnection, cancellationToken);
        await foreach (var frame in frames.ConfigureAwait(false))
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
}
