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
/// the time is over. Nothing is asked again and again meanwhile; the order itself wakes the poll.
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
                : await polls.WaitLeasedAsync(
                    agent.Host, wait, context.Request.Query["take"].ToString(), context.RequestAborted);
        }
        finally
        {
            polls.Metrics.PollEnded();
        }
    }

    private ServerMetrics Metrics => metrics;

    private async Task<IResult> WaitLeasedAsync(EnrolledHost host, TimeSpan wait, string take, CancellationToken gone)
    {
        var (command, pause, streams) = await WaitAsync(host, wait, take, isOnce: false, gone);
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
        var (command, pause, _) = await WaitAsync(host, wait, WaitScopes.All, isOnce: true, gone);
        if (!gone.IsCancellationRequested)
        {
            await sightings.ExpectAsync(host, TimeSpan.FromSeconds(command?.TimeoutSeconds ?? 0));
        }

        return LegacyDelivery.Answer(command, pause);
    }

    private async Task<Delivery> WaitAsync(
        EnrolledHost host, TimeSpan wait, string take, bool isOnce, CancellationToken gone)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(gone, stopping.Token);
        var until = time.Monotonic() + wait;
        try
        {
            while (!host.IsShutOut)
            {
                var work = host.Work.Next;
                var streams = isOnce ? [] : follows.TakeFor(host);
                var command = await LeaseAsync(host, take, isOnce, gone);
                if (command is not null)
                {
                    FaultPoint.Reach(FaultPoints.DeliveryLeased);
                }

                if (command is not null || streams.Count > 0)
                {
                    return new Delivery(command, Pause: 0, streams);
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

    private async Task<CommandRow?> LeaseAsync(
        EnrolledHost host, string take, bool isOnce, CancellationToken gone)
    {
        // A poll whose caller has left must not take a command that nobody would get.
        if (take is WaitScopes.Streams || !host.MayHaveCommands || gone.IsCancellationRequested)
        {
            return null;
        }

        var onlyLooks = take is WaitScopes.Looks;
        return await database.WriteAsync(
            session => Lease(session, host, onlyLooks, isOnce), CancellationToken.None);
    }

    private CommandRow? Lease(DbSession session, EnrolledHost host, bool onlyLooks, bool isOnce)
    {
        var now = time.GetUtcNow();
        if (CommandStore.NextFor(session, host.HostId, onlyLooks, now) is not { } next)
        {
            // Orders pass through the same writer, so none can slip in between this look and the next.
            host.MayHaveCommands &= onlyLooks;
            return null;
        }

        var deadline = now + TimeSpan.FromSeconds(next.TimeoutSeconds) + ReportGrace;
        CommandStore.Lease(session, next.CommandId, now, isOnce ? null : now + options.CommandLease, deadline);
        var leased = next with { State = CommandStates.Leased, Attempts = next.Attempts + 1, UpdatedAt = now };
        events.Append(session, CommandEvents.Of(EventTypes.CommandLeased, leased, now));
        return leased;
    }

    /// <summary>What a poll brings.</summary>
    private sealed record Delivery(CommandRow? Command, int Pause, IReadOnlyList<StreamRequestDto> Streams);
}
