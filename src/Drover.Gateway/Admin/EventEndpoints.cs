using System.Text.Json;
using Drover.Runtime.Events;
using Drover.Runtime.Requests;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Gateway.Admin;

/// <summary>What operators read of events: those that are kept, and what happens next.</summary>
internal static class EventEndpoints
{
    private const int UsualPage = 100;
    private const int LargestPage = 1000;

    public static Task ListAsync(AdminCall call)
    {
        var query = new QueryReader(call.Context, "after", "limit", "type", "agent");
        var filter = EventChoice.Of(query);
        var limit = query.Number("limit", 1, LargestPage) ?? UsualPage;
        var after = CursorOf(query.Text("after"));
        var events = Kept(call.Desk.Events, after ?? call.Desk.Events.Oldest, filter).ToList();

        // Without a cursor the newest are wanted, with one those that follow it.
        var page = after is null ? events.TakeLast(limit).ToList() : events.Take(limit).ToList();
        var next = page.Count > 0 && page[^1].Id != events[^1].Id ? page[^1].Id : null;
        return AdminAnswer.WriteAsync(
            call.Context,
            new Page<EventDto>([.. page.Select(one => one.ToDto())], next),
            WireJson.Default.PageEventDto);
    }

    public static async Task StreamAsync(AdminCall call)
    {
        var query = new QueryReader(call.Context, "after", "type", "agent");
        var filter = EventChoice.Of(query);
        var resumed = call.Context.Request.Headers["Last-Event-ID"] is [{ Length: > 0 } last, ..] ? last : null;
        var after = CursorOf(resumed ?? query.Text("after")) ?? call.Desk.Events.Newest;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            call.Context.RequestAborted, call.Desk.Stopping);
        try
        {
            await FollowAsync(call, after, filter, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The reader went away, or the gateway ends and the reader resumes with the next one.
        }
    }

    private static async Task FollowAsync(
        AdminCall call, EventCursor after, EventChoice filter, CancellationToken cancellationToken)
    {
        // The first word and each sign of life carry an id, so that a reader who has seen no event resumes too.
        var stream = AdminAnswer.OpenStream(call.Context);
        stream.AddComment("events");
        stream.AddId(after.ToString());
        await stream.FlushAsync(cancellationToken);
        var pages = call.Desk.Events.FollowAsync(
            after, ServerSentEvents.KeepAlive, call.Desk.Time, cancellationToken);
        await foreach (var page in pages)
        {
            if (page.IsGap)
            {
                stream.Add(null, GatewayRoutes.GapEvent, "{}"u8);
            }

            foreach (var one in page.Events.Where(filter.Takes))
            {
                stream.Add(
                    one.Id,
                    one.Type.Name,
                    JsonSerializer.SerializeToUtf8Bytes(one.ToDto(), WireJson.Default.EventDto));
            }

            stream.AddComment("alive");
            stream.AddId(page.Through.ToString());
            if (!await stream.FlushAsync(cancellationToken))
            {
                return;
            }
        }
    }

    private static IEnumerable<RoleEvent> Kept(EventFeed feed, EventCursor after, EventChoice filter)
    {
        for (var page = feed.Read(after); page.Events.Count > 0; page = feed.Read(page.Through))
        {
            foreach (var one in page.Events.Where(filter.Takes))
            {
                yield return one;
            }
        }
    }

    private static EventCursor? CursorOf(string? text) => text is null ? null
        : EventCursor.TryParse(text, out var cursor) ? cursor
        : throw new InvalidRequestException($"cannot read the query: \"{text}\" is not the id of an event");
}
