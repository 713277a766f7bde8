using System.Text.Json;
using Drover.Core.Fleet;
using Drover.Runtime.Events;
using Drover.Runtime.Requests;
using Drover.Server.Features.Access;
using Drover.Server.Features.Commands;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Legacy;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Logs;

/// <summary>
/// Follows one container's log for a person as server-sent events: <c>line</c> (id is the cursor, data a line of the
/// wire), <c>end</c> with the reason, or <c>problem</c>. Query: <c>app</c>, and where needed <c>host</c>,
/// <c>container</c>; <c>since</c> (a time), <c>tail</c>, <c>stream</c>. <c>cursor</c> or <c>Last-Event-ID</c> resumes.
/// </summary>
internal sealed class FollowLog(FollowRelay relay, TargetResolver resolver, StreamLives lives, TimeProvider time)
{
    private const int MostTail = 10_000;
    private const int DefaultTail = 100;

    private static readonly TimeSpan HostMustComeWithin = TimeSpan.FromSeconds(10);
    private static readonly string[] StreamNames = ["stdout", "stderr"];

    public static async Task<Results<EmptyHttpResult, Problem>> Handle(HttpContext context, FollowLog follows)
    {
        var query = new QueryReader(context, "app", "host", "container", "since", "tail", "stream", "cursor");
        var (target, problem) = follows.Aim(query);
        if (target is null)
        {
            return problem!;
        }

        var request = Describe(query, context.Request.Headers["Last-Event-ID"].ToString(), target);
        if (follows.Open(target.Host, request) is not { } session)
        {
            return Problem.Busy("Too many logs are being followed; close one and try again.");
        }

        try
        {
            using var ending = follows.Begin(context);
            await follows.RelayAsync(session, target.Host, EventEndpoints.OpenStream(context), ending.Token);
        }
        catch (OperationCanceledException)
        {
            // The person left or may read no longer, or the server stops and the person resumes by the cursor.
        }
        finally
        {
            follows.Close(session);
        }

        return TypedResults.Empty;
    }

    private StreamLife Begin(HttpContext context) => lives.Begin(context);

    private FollowSession? Open(EnrolledHost host, StreamRequestDto request) =>
        relay.Open(host, id => request with { Id = id });

    private void Close(FollowSession session) => relay.Close(session);

    private static StreamRequestDto Describe(QueryReader query, string lastEventId, Target target)
    {
        var streams = query.Texts("stream");
        if (streams.FirstOrDefault(stream => !StreamNames.Contains(stream)) is { } unknown)
        {
            throw new InvalidRequestException($"cannot read the query: stream \"{unknown}\" is not stdout or stderr");
        }

        var cursor = lastEventId.Length > 0 ? lastEventId : query.Text("cursor");
        var since = cursor ?? query.Text("since");
        var tail = query.Number("tail", 0, MostTail) ?? (since is null ? DefaultTail : null);
        return new StreamRequestDto(
            string.Empty,
            target.Container.AppCode,
            target.Container.DockerId,
            since,
            cursor is null ? tail : null,
            streams.Count > 0 ? streams : null);
    }

    private (Target? Target, Problem? Problem) Aim(QueryReader query)
    {
        if (query.Text("app") is not { } appCode)
        {
            return (null, Problem.InvalidRequest("cannot follow a log: the query needs app"));
        }

        if (LegacyOrders.HostWithoutInventory(resolver, query.Text("host")) is { } older)
        {
            return (null, Problem.Conflict(
                $"cannot follow the log of \"{appCode}\": the agent of host \"{older.Name}\" speaks the older "
                    + "protocol, which gives a log's last lines only"));
        }

        var (target, problem) = resolver.Container(appCode, query.Text("container"), query.Text("host"));
        if (target is null)
        {
            return (null, problem);
        }

        var status = target.Host.Sighting.Status;
        if (status.State is HostState.Offline or HostState.Goodbye or HostState.Revoked)
        {
            return (null, Problem.HostUnavailable(
                $"cannot follow the log of \"{appCode}\": host \"{target.Host.Name}\" is "
                    + $"{HostStates.NameOf(status.State)} ({status.Reason})"));
        }

        problem = OrderCheck.CheckPolicy(target.Host, CommandTypes.Logs, target.Container.AppCode);
        return problem is null ? (target, null) : (null, problem);
    }

    private async Task RelayAsync(
        FollowSession session, EnrolledHost host, ServerSentEvents stream, CancellationToken cancellationToken)
    {
        stream.AddComment("waiting for the host");
        await stream.FlushAsync(cancellationToken);
        if (!await session.Arrived.WithinAsync(HostMustComeWithin, time, cancellationToken))
        {
            await FailAsync(stream, $"host \"{host.Name}\" did not come for the follow within 10 s", cancellationToken);
            return;
        }

        var reader = session.Lines.Reader;
        while (true)
        {
            var more = reader.WaitToReadAsync(cancellationToken).AsTask();
            if (!await IsReadyAsync(more, stream, cancellationToken))
            {
                await FailAsync(
                    stream, $"the upload of host \"{host.Name}\" ended before the log did", cancellationToken);
                return;
            }

            while (reader.TryRead(out var line))
            {
                stream.Add(line.Cursor, line.IsEnd ? "end" : "line", line.Json);
                if (line.IsEnd)
                {
                    await stream.FlushAsync(cancellationToken);
                    return;
                }
            }

            if (!await stream.FlushAsync(cancellationToken))
            {
                return;
            }
        }
    }

    /// <summary>True when a line can be read, false when the upload is over; sends signs of life meanwhile.</summary>
    private async Task<bool> IsReadyAsync(Task<bool> more, ServerSentEvents stream, CancellationToken cancellationToken)
    {
        try
        {
            while (!await more.WithinAsync(ServerSentEvents.KeepAlive, time, cancellationToken))
            {
                stream.AddComment("alive");
                await stream.FlushAsync(cancellationToken);
            }

            return await more;
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    private static Task<bool> FailAsync(ServerSentEvents stream, string why, CancellationToken cancellationToken)
    {
        var problem = new ProblemDto(
            Problems.Prefix + Problems.HostUnavailable,
            "The host cannot do it now",
            StatusCodes.Status503ServiceUnavailable,
            $"cannot follow the log: {why}");
        stream.Add(null, "problem", JsonSerializer.SerializeToUtf8Bytes(problem, WireJson.Default.ProblemDto));
        return stream.FlushAsync(cancellationToken);
    }
}
