using System.Text;
using Drover.Core.Events;
using Drover.Runtime.Faults;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Hosts;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Events;

/// <summary>
/// Takes a host's own events: in order and once, by run and number, which are stored in the same transaction. A run
/// that was replaced is judged as it is for heartbeats, and what is dropped for it is told as a loss. An event that is
/// not a host's to tell is left out and logged; it must not hold up those behind it.
/// </summary>
internal sealed partial class ReceiveEvents(
    Database database, EventLog events, TimeProvider time, ILogger<ReceiveEvents> logger)
{
    private const int MostEvents = 1000;
    private const int LongestData = 16 * 1024;
    private const int LongestSubject = 256;

    private static readonly TimeSpan Future = TimeSpan.FromMinutes(5);

    public static async Task<Results<Ok<AgentEventsResponse>, Problem>> Handle(
        HttpContext context, ReceiveEvents receiver)
    {
        var agent = context.Agent();
        var request = AgentBody.Read(agent.Body, WireJson.Default.AgentEventsRequest);
        AgentBody.Required(request.Events, "events");
        if (request.Events.Count > MostEvents)
        {
            return Problem.InvalidRequest($"cannot take the events: there are more than {MostEvents} in one request");
        }

        if (request.Seq is < 0 or > long.MaxValue - MostEvents)
        {
            return Problem.InvalidRequest("cannot take the events: \"seq\" is not the number of an event");
        }

        await agent.Host.EventsTurn.WaitAsync(context.RequestAborted);
        try
        {
            var accepted = await receiver.ReceiveAsync(agent.Host, request);
            FaultPoint.Reach(FaultPoints.EventsStored);
            return TypedResults.Ok(new AgentEventsResponse(accepted));
        }
        finally
        {
            agent.Host.EventsTurn.Release();
        }
    }

    private async Task<long> ReceiveAsync(EnrolledHost host, AgentEventsRequest request)
    {
        var last = request.Seq + request.Events.Count - 1;
        var known = Math.Max(request.Seq - 1, host.Events.HeardOf(request.Run));
        if (last <= known)
        {
            return known;
        }

        var judgement = host.Events.Judge(request.Run, last, time.Monotonic());
        await database.WriteAsync(
            session =>
            {
                if (judgement.TakesEffect)
                {
                    Take(session, host, request.Events.Skip((int)(known - request.Seq + 1)));
                    HostStore.SaveEventSequence(session, host.HostId, judgement.Next);
                }
                else
                {
                    events.Append(session, Loss(host, last - known));
                }
            },
            CancellationToken.None);

        // Only now: what could not be stored comes again and must be judged again.
        host.Events = judgement.Next;
        if (!judgement.TakesEffect)
        {
            LogOldRun(logger, last - known, host.Name, request.Run, judgement.Next.Run);
        }

        return last;
    }

    private void Take(DbSession session, EnrolledHost host, IEnumerable<AgentEventDto> given)
    {
        foreach (var one in given)
        {
            if (Accept(host, one) is { } draft)
            {
                events.Append(session, draft);
            }
        }
    }

    private EventDraft? Accept(EnrolledHost host, AgentEventDto? given)
    {
        if (given?.Type is null || EventTypes.Find(given.Type) is not { } type || !host.Kind.MayTell(type))
        {
            LogLeftOut(logger, host.Name, given?.Type ?? "null");
            return null;
        }

        var data = given.Data?.GetRawText();
        var now = time.GetUtcNow();
        return new EventDraft(type, given.Time > now + Future ? now : given.Time, Shorten(given.Subject))
        {
            Source = EventDraft.SourceOf(host),
            HostId = host.HostId,
            Severity = SeverityOf(given.Severity, type),
            Data = data is not null && Encoding.UTF8.GetByteCount(data) <= LongestData ? data : null,
        };
    }

    private EventDraft Loss(EnrolledHost host, long dropped) =>
        new(EventTypes.AlertLoss, time.GetUtcNow(), host.Name)
        {
            HostId = host.HostId,
            Data = EventDraft.Fields(("store", "events of a replaced run"), ("dropped", dropped)),
        };

    private static EventSeverity SeverityOf(string? given, EventType type) => given switch
    {
        "info" => EventSeverity.Info,
        "warning" => EventSeverity.Warning,
        "error" => EventSeverity.Error,
        _ => type.Severity,
    };

    private static string? Shorten(string? subject) =>
        subject is { Length: > LongestSubject } ? subject[..LongestSubject] : subject;

    [LoggerMessage(1401, LogLevel.Warning, "Host {Host} sent an event of type {Type}, which it cannot tell; left out")]
    private static partial void LogLeftOut(ILogger logger, string host, string type);

    [LoggerMessage(1402, LogLevel.Warning, "{Count} events of host {Host} are dropped: run {Newer} replaced run {Run}")]
    private static partial void LogOldRun(ILogger logger, long count, string host, long run, long newer);
}
