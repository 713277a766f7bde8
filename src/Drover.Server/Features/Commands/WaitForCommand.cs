using System.Globalization;
using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Runtime.Faults;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Legacy;
using Drover.Server.Features.Logs;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;
using Drover.Wire.Commands;
using Microsoft.AspNetCore.Http;

namespace Drover.Server.Features.Commands;

/// <summary>
/// The long poll of a host agent: answered at once when a command or a log to follow is there, else when one comes or
/// the time is over. Nothing is asked again and again meanwhile; the order itself wakes the poll. A run of the agent
/// that another one has replaced is kept waiting and given nothing: it is a copy of the host's credentials on another
/// machine, or a process that is no more.
/// </summary>
internal sealed class WaitForCommand(
    Database database,
    FollowRelay follows,
    LegacySighting sightings,
    EventLog events,
    ServerMetrics metrics,
    ServerOptions options,
    ServerStopping stopping,
    TimeProvider time)
{
    // Beyond timeout_seconds, in which the agent itself cuts an execution short: time to report that it did.
    internal static readonly TimeSpan ReportGrace = TimeSpan.FromMinutes(5);

    private const int DefaultWait = 30;
    private const int LongestWait = 60;
    private const int PauseWhileStopping = 2;

    public static async Task<IResult> Handle(string hash, HttpContext context, WaitForCommand polls)
    {
        var agent = context.Agent();
        if (hash != agent.Host.Identity.DeploymentHash)
        {
            return Problem.Forbidden(
                agent.IsLegacy ? LegacyTexts.WrongDeployment : "The path names another host's deployment hash.");
        }

        var text = context.Request.Query["timeout"].ToString();
        var wanted = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : DefaultWait;
        var wait = TimeSpan.FromSeconds(Math.Clamp(wanted, 1, LongestWait));
        polls.Metrics.PollBegan();
        try
        {
            return agent.IsLegacy
                ? await polls.WaitLegacyAsync(agent.Host, wait, context.RequestAborted)
                : await polls.WaitLeasedAsync(agent.Host, PollOf(context.Request, wait), context.RequestAborted);
        }
        finally
        {
            polls.Metrics.PollEnded();
        }
    }

    private ServerMetrics Metrics => metrics;

    // An agent's parameter that makes no sense counts as one it did not send.
    private static Poll PollOf(HttpRequest request, TimeSpan wait) => new(
        wait,
        request.Query["take"].ToString(),
        long.TryParse(request.Query["run"], NumberStyles.None, CultureInfo.InvariantCulture, out var run) ? run : null,
        IsOnce: false);

    private async Task<IResult> WaitLeasedAsync(EnrolledHost host, Poll poll, CancellationToken gone)
    {
        var (command, pause, streams) = await WaitAsync(host, poll, gone);
        return TypedResults.Ok(new WaitResponse(
            command is null ? "No command available" : "Command available",
            command?.ToAgent(),
            new WaitMeta(pause, (int)options.CommandLease.TotalSeconds, streams.Count > 0 ? streams : null)));
    }

    /// <summary>
    /// An agent of the older protocol knows no leases and may do twice what it gets twice: a command is given to it
    /// once. It follows no logs.
    /// </summary>
    private async Task<IResult> WaitLegacyAsync(EnrolledHost host, TimeSpan wait, CancellationToken gone)
    {
        await sightings.ExpectAsync(host, wait);
        var (command, pause, _) = await WaitAsync(host, new Poll(wait, WaitScopes.All, Run: null, IsOnce: true), gone);
        if (!gone.IsCancellationRequested)
        {
            await sightings.ExpectAsync(host, TimeSpan.FromSeconds(command?.TimeoutSeconds ?? 0));
        }

        return LegacyDelivery.Answer(command, pause);
    }

    private async Task<Delivery> WaitAsync(EnrolledHost host, Poll poll, CancellationToken gone)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(gone, stopping.Token);
        var until = time.Monotonic() + poll.Wait;
        try
        {
            while (!host.IsShutOut)
            {
                var work = host.Work.Next;
                if (await TakeAsync(host, poll, gone) is { } found)
                {
                    return found;
                }

                var left = until - time.Monotonic();
                if (left <= TimeSpan.Zero || !await work.WithinAsync(left, time, ending.Token))
                {
                    return new Delivery(null, Pause: 0, []);
                }
            }

            return new Delivery(null, PauseWhileStopping, []);
        }
        catch (OperationCanceledException)
            when (stopping.Token.IsCancellationRequested && !gone.IsCancellationRequested)
        {
            return new Delivery(null, PauseWhileStopping, []);
        }
    }

    private async Task<Delivery?> TakeAsync(EnrolledHost host, Poll poll, CancellationToken gone)
    {
        if (poll.Run is { } run && host.Sighting.Heartbeats.HasReplaced(run))
        {
            return null;
        }

        var streams = poll.IsOnce ? [] : follows.TakeFor(host);
        var command = await LeaseAsync(host, poll, gone);
        if (command is not null)
        {
            FaultPoint.Reach(FaultPoints.DeliveryLeased);
        }

        return command is not null || streams.Count > 0 ? new Delivery(command, Pause: 0, streams) : null;
    }

    private async Task<CommandRow?> LeaseAsync(EnrolledHost host, Poll poll, CancellationToken gone)
    {
        // A poll whose caller has left must not take a command that nobody would get.
        if (poll.Take is WaitScopes.Streams || !host.MayHaveCommands || gone.IsCancellationRequested)
        {
            return null;
        }

        var onlyLooks = poll.Take is WaitScopes.Looks;
        return await database.WriteAsync(
            session => Lease(session, host, onlyLooks, poll.IsOnce), CancellationToken.None);
    }

    private CommandRow? Lease(DbSession session, EnrolledHost host, bool onlyLooks, bool isOnce)
    {
        var now = time.GetUtcNow();
        if (CommandStore.NextFor(session, host.HostId, onlyLooks, now) is not { } next)
        {
            // Orders pass through the same writer, so none can slip in between this look and the next. Set, never
            // combined with what it was: whoever wakes the host from elsewhere must not be overwritten.
            if (!onlyLooks)
            {
                host.MayHaveCommands = false;
            }

            return null;
        }

        var deadline = now + TimeSpan.FromSeconds(next.TimeoutSeconds) + ReportGrace;
        CommandStore.Lease(session, next.CommandId, now, isOnce ? null : now + options.CommandLease, deadline);
        var leased = next with { State = CommandStates.Leased, Attempts = next.Attempts + 1, UpdatedAt = now };
        events.Append(session, CommandEvents.Of(EventTypes.CommandLeased, leased, now));
        return leased;
    }

    /// <summary>What a host asks.</summary>
    /// <param name="Wait">How long it waits.</param>
    /// <param name="Take">What the poll may bring, one of <see cref="WaitScopes"/>; empty for all.</param>
    /// <param name="Run">Which run of the agent asks; null from one that does not say.</param>
    /// <param name="IsOnce">A command is given without a lease, and no log to follow.</param>
    private readonly record struct Poll(TimeSpan Wait, string Take, long? Run, bool IsOnce);

    /// <summary>What a poll brings.</summary>
    private sealed record Delivery(CommandRow? Command, int Pause, IReadOnlyList<StreamRequestDto> Streams);
}
