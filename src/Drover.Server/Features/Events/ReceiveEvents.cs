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
/// Takes a host's own events: in order and once, by run and number, which are stored in the same transaction. An event
/// of a type outside the closed set is left out and logged; it must not hold up those behind it.
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

        var accepted = await receiver.ReceiveAsync(agent.Host, request);
        FaultPoint.Reach(FaultPoints.EventsStored);
        return TypedResults.Ok(new AgentEventsResponse(accepted));
    }

    private Task<long> ReceiveAsync(EnrolledHost host, AgentEventsRequest request) => database.WriteAsync(
        session =>
        {
            var (run, seq) = HostStore.EventSequence(session, host.HostId);
            var last = request.Seq + request.Events.Count - 1;
            if (request.Run < run)
            {
                // A run that was replaced: its events were spooled by a file that is gone or cloned. Taking them would
                // break the order; the host is told that they are done with.
                LogOldRun(logger, host.Name, request.Run, run);
                return last;
            }

            var known = request.Run == run ? seq : request.Seq - 1;
            var skip = (int)Math.Clamp(known - request.Seq + 1, 0, request.Events.Count);
            if (skip == request.Events.Count)
            {
                return known;
            }

            foreach (var given in request.Events.Skip(skip))
            {
                if (Accept(host, given) is { } draft)
                {
                    events.Append(session, draft);
                }
            }

            HostStore.SaveEventSequence(session, host.HostId, request.Run, last);
            return last;
        },
        CancellationToken.None);

    private EventDraft? Accept(EnrolledHost host, AgentEventDto? given)
    {
        if (given?.Type is null || EventTypes.Find(given.Type) is not { } type)
        {
            LogUnknownType(logger, host.Name, given?.Type ?? "null");
            return null;
        }

        var data = given.Data?.GetRawText();
        var now = time.GetUtcNow();
        return new EventDraft(type, given.Time > now + Future ? now : given.Time, Shorten(given.Subject))
        {
            Source = EventDraft.SourceOf(host.Name),
            HostId = host.HostId,
            Severity = SeverityOf(given.Severity, type),
            Data = data is not null && Encoding.UTF8.GetByteCount(data) <= LongestData ? data : null,
        };
    }

    private static EventSeverity SeverityOf(string? given, EventType type) => given switch
    {
        "info" => EventSeverity.Info,
        "warning" => EventSeverity.Warning,
        "error" => EventSeverity.Error,
        _ => type.Severity,
    };

    private static string? Shorten(string? subject) =>
        subject is { Length: > LongestSubject } ? subject[..LongestSubject] : subject;

    [LoggerMessage(1401, LogLevel.Warning, "Host {Host} sent an event of the unknown type {Type}; it is left out")]
    private static partial void LogUnknownType(ILogger logger, string host, string type);

    [LoggerMessage(
        1402, LogLevel.Warning, "Host {Host} sent events of run {Run}, which run {Newer} replaced; they are left out")]
    private static partial void LogOldRun(ILogger logger, string host, long run, long newer);
}
