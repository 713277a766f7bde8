using System.Globalization;
using System.Text.Json;
using Drover.Runtime.Events;
using Drover.Runtime.Requests;
using Drover.Server.Features.Access;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.People;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Events;

/// <summary>What people and tools read of the events.</summary>
internal static class EventEndpoints
{
    public const int DefaultPage = 100;
    public const int LargestPage = 1000;

    private static readonly string[] Severities = ["info", "warning", "error"];

    /// <summary>A page, oldest first after <c>after</c>; without it, the newest page.</summary>
    public static async Task<Results<Ok<Page<EventDto>>, Problem>> List(
        HttpContext context, EventLog events, HostRegistry hosts, CancellationToken cancellationToken)
    {
        var query = new QueryReader(context, "after", "limit", "type", "severity", "host");
        if (!TryFilter(query, hosts, out var filter, out var problem))
        {
            return problem;
        }

        var limit = query.Number("limit", 1, LargestPage) ?? DefaultPage;
        var after = query.Cursor("after") ?? await events.CursorOfNewestAsync(filter, limit, cancellationToken);
        var page = await events.ReadAsync(after, filter, limit, cancellationToken);
        var next = page.Count == limit ? page[^1].Cursor : null;
        return TypedResults.Ok(new Page<EventDto>([.. page.Select(stored => stored.ToDto())], next));
    }

    /// <summary>
    /// Server-sent events, resumable by <c>Last-Event-ID</c> (or <c>after</c>); without one, from now on. The first
    /// word and each sign of life carry an id, so that even a reader who has seen no event resumes without a gap.
    /// </summary>
    public static async Task<Results<EmptyHttpResult, Problem>> Stream(
        HttpContext context, EventLog events, HostRegistry hosts, TimeProvider time, StreamLives lives)
    {
        var query = new QueryReader(context, "after", "type", "severity", "host");
        if (!TryFilter(query, hosts, out var filter, out var problem))
        {
            return problem;
        }

        var after = LastEventId(context) ?? query.Cursor("after") ?? events.Newest;
        using var ending = lives.Begin(context);
        var stream = OpenStream(context);
        stream.AddComment("events");
        stream.AddId(after.ToString(CultureInfo.InvariantCulture));
        try
        {
            await stream.FlushAsync(ending.Token);
            var batches = events.FollowAsync(after, filter, ServerSentEvents.KeepAlive, time, ending.Token);
            await foreach (var batch in batches)
            {
                foreach (var stored in batch.Events)
                {
                    stream.Add(
                        stored.Cursor,
                        stored.Type,
                        JsonSerializer.SerializeToUtf8Bytes(stored.ToDto(), WireJson.Default.EventDto));
                }

                if (batch.Events.Count == 0)
                {
                    stream.AddComment("alive");
                    stream.AddId(batch.Through.ToString(CultureInfo.InvariantCulture));
                }

                if (!await stream.FlushAsync(ending.Token))
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader went away, or may read no longer, or the server stops and the reader resumes elsewhere.
        }

        return TypedResults.Empty;
    }

    /// <summary>Turns a response into a stream of server-sent events.</summary>
    internal static ServerSentEvents OpenStream(HttpContext context)
    {
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        context.Response.ContentType = ServerSentEvents.ContentType;
        context.Response.Headers.CacheControl = "no-store";
        return new ServerSentEvents(context.Response.BodyWriter);
    }

    private static long? LastEventId(HttpContext context) =>
        long.TryParse(
            context.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : null;

    private static bool TryFilter(QueryReader query, HostRegistry hosts, out EventFilter filter, out Problem problem)
    {
        filter = EventFilter.All;
        problem = Problem.InvalidRequest(string.Empty);
        var types = new List<string>();
        foreach (var wanted in query.Texts("type"))
        {
            var names = EventFilter.Expand(wanted).ToList();
            if (names.Count == 0)
            {
                problem = Problem.InvalidRequest(
                    $"cannot read the query: there is no event type \"{wanted}\"; docs/reference/events.md lists them");
                return false;
            }

            types.AddRange(names);
        }

        var severities = query.Texts("severity");
        if (severities.FirstOrDefault(severity => !Severities.Contains(severity)) is { } unknown)
        {
            problem = Problem.InvalidRequest(
                $"cannot read the query: severity \"{unknown}\" is not one of {string.Join(", ", Severities)}");
            return false;
        }

        string? hostId = null;
        if (query.Text("host") is { } name)
        {
            var found = hosts.Find(name);
            if (found is null)
            {
                problem = Problem.NotFound($"There is no host \"{name}\".");
                return false;
            }

            hostId = found.HostId;
        }

        filter = new EventFilter(types, severities, hostId);
        return true;
    }
}
