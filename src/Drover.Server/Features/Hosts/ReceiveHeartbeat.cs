using Drover.Core.Events;
using Drover.Core.Fleet;
using Drover.Runtime.Requests;
using Drover.Server.Features.Access;
using Drover.Server.Features.Certificates;
using Drover.Server.Features.Events;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Agents;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Hosts;

/// <summary>
/// Takes a heartbeat. An ordinary one changes memory alone; the database is written when the host's state changes, so
/// that an idle fleet costs no writes.
/// </summary>
internal sealed partial class ReceiveHeartbeat(
    HostChangeStore changes,
    AnnouncePins pins,
    ServerOptions options,
    TimeProvider time,
    ILogger<ReceiveHeartbeat> logger)
{
    public static async Task<Ok<HeartbeatResponse>> Handle(HttpContext context, ReceiveHeartbeat heartbeats)
    {
        var agent = context.Agent();
        var request = AgentBody.Read(agent.Body, WireJson.Default.HeartbeatRequest);
        return TypedResults.Ok(await heartbeats.ReceiveAsync(agent.Host, request));
    }

    private async Task<HeartbeatResponse> ReceiveAsync(EnrolledHost host, HeartbeatRequest request)
    {
        var docker = host.Kind.HasEngine ? ReadDocker(request.Docker) : DockerCondition.None;
        var now = time.GetUtcNow();
        HostSighting before;
        HostSighting after;
        SequenceVerdict verdict;
        IReadOnlyList<EventType> emitted = [];
        lock (host.Gate)
        {
            before = host.Sighting;
            var judgement = before.Heartbeats.Judge(request.Run, request.Seq, time.Monotonic());
            verdict = judgement.Verdict;
            after = before with { Heartbeats = judgement.Next };
            if (judgement.TakesEffect)
            {
                var transition = HostMachine.Decide(before.Status, InputOf(request, docker));
                emitted = transition.Events;
                after = after with
                {
                    Status = transition.Next,
                    Since = transition.Next.State == before.Status.State ? before.Since : now,
                    LastSeenAt = now,
                    ClockSkewMs = request.At - now.ToUnixTimeMilliseconds(),
                };
            }

            host.Sighting = after;
        }

        List<EventDraft> told = [.. emitted.Select(type => StateChange(host, type, before, after, request.Docker))];
        if (verdict is SequenceVerdict.CloneDetected)
        {
            LogCloned(logger, host.Name, before.Heartbeats.Run, request.Run);
            told.Add(Cloned(host, before.Heartbeats.Run, request.Run, now));
        }

        if (told.Count > 0 || verdict is SequenceVerdict.NewRun)
        {
            await changes.StoreAsync(new HostChange(host, told));
        }

        if (verdict is SequenceVerdict.NewRun)
        {
            // Its poll may have been waiting as that of a run that another had replaced.
            host.Work.Beat();
        }

        var same = request.Inv == host.Inventory.Hash;
        if (same)
        {
            host.ConfirmInventory(now);
        }

        // An agent that names no hash has not sent its first inventory yet and will do so unasked.
        var resync = !same && request.Inv is not null && request.Goodbye is not true;
        var announcement = pins.For(host, request);
        return new HeartbeatResponse("ok", NextIn, resync, now.ToUnixTimeMilliseconds())
        {
            NextPins = announcement?.Pins,
            PinsMac = announcement?.Mac,
            NewKey = host.Keys.OrderedAt is null ? null : true,
        };
    }

    private int NextIn => (int)options.HeartbeatInterval.TotalSeconds;

    private static DockerCondition ReadDocker(string? docker) => docker switch
    {
        DockerStates.Up => DockerCondition.Up,
        DockerStates.Down => DockerCondition.Down,
        DockerStates.Hung => DockerCondition.Hung,
        _ => throw new InvalidRequestException(
            $"cannot read the body: docker \"{docker}\" is not one of up, down, hung"),
    };

    private HostInput InputOf(HeartbeatRequest request, DockerCondition docker) => request.Goodbye is true
        ? new HostInput.Goodbye(time.Monotonic())
        : new HostInput.Heartbeat(time.Monotonic(), docker, options.HeartbeatInterval);

    /// <summary>The event of a change of state, for this use case and for the runner that notices silence.</summary>
    internal static EventDraft StateChange(
        EnrolledHost host, EventType type, HostSighting before, HostSighting after, string? docker) =>
        new(type, after.Since, host.Name)
        {
            HostId = host.HostId,
            Data = EventDraft.Fields(
                ("after", type == EventTypes.HostLive ? HostStates.NameOf(before.Status.State) : null),
                ("docker", type == EventTypes.HostDockerDown ? docker : null),
                (
                    "last_seen",
                    type == EventTypes.HostLate || type == EventTypes.HostOffline
                        ? before.LastSeenAt?.ToString("O")
                        : null)),
        };

    private static EventDraft Cloned(EnrolledHost host, long run, long otherRun, DateTimeOffset now) =>
        new(EventTypes.HostCloned, now, host.Name)
        {
            HostId = host.HostId,
            Data = EventDraft.Fields(("runs", FormattableString.Invariant($"{run},{otherRun}"))),
        };

    [LoggerMessage(
        1101, LogLevel.Warning, "Two machines use the credentials of host {Host}: runs {Run} and {OtherRun}")]
    private static partial void LogCloned(ILogger logger, string host, long run, long otherRun);
}
