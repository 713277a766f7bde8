using Drover.Core.Events;
using Drover.Core.Fleet;
using Drover.Runtime.Storage;
using Drover.Server.Features.Events;
using Drover.Server.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Hosts;

/// <summary>
/// Notices silence: once a second it feeds the time to every host whose deadline passed. When its pause shows that the
/// server stood still, all hosts get the grace of a restart instead of being called late. Now and then, and at the
/// end, it stores what heartbeats changed in memory.
/// </summary>
internal sealed partial class FleetRunner(
    HostRegistry hosts, Database database, EventLog events, TimeProvider time, ILogger<FleetRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, DateTimeOffset> _stored = new(StringComparer.Ordinal);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SafelyAsync(FlushAsync);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var flushed = time.Monotonic();
        while (!stoppingToken.IsCancellationRequested)
        {
            // Around the pause alone: a look that waits long for the disk is slow, and the hosts are silent all the
            // same; heartbeats are taken meanwhile.
            var slept = time.Monotonic();
            try
            {
                await Task.Delay(Step, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var now = time.Monotonic();
            if (now - slept > Stall)
            {
                Forgive(now);
            }

            await SafelyAsync(() => LookAsync(now));
            if (now - flushed >= FlushEvery)
            {
                flushed = now;
                await SafelyAsync(FlushAsync);
            }
        }
    }

    private void Forgive(TimeSpan now)
    {
        foreach (var host in hosts.Unordered)
        {
            lock (host.Gate)
            {
                var status = HostMachine.Decide(host.Sighting.Status, new HostInput.ServerStarted(now)).Next;
                host.Sighting = host.Sighting with { Status = status };
            }
        }
    }

    /// <summary>One look is one transaction, for a whole fleet may fall silent at once.</summary>
    private Task LookAsync(TimeSpan now)
    {
        var silent = hosts.Unordered
            .Where(host => host.Sighting.Status.LookAgainAt <= now)
            .Select(host => LookAt(host, now))
            .Where(change => change.Emitted.Count > 0)
            .ToList();
        return silent.Count == 0
            ? Task.CompletedTask
            : database.WriteAsync(session => { Store(session, silent); }, CancellationToken.None);
    }

    private Change LookAt(EnrolledHost host, TimeSpan now)
    {
        lock (host.Gate)
        {
            var before = host.Sighting;
            var transition = HostMachine.Decide(before.Status, new HostInput.Tick(now));
            var after = before with
            {
                Status = transition.Next,
                Since = transition.Events.Count > 0 ? time.GetUtcNow() : before.Since,
            };
            host.Sighting = after;
            return new Change(host, before, after, transition.Events);
        }
    }

    private void Store(DbSession session, List<Change> silent)
    {
        foreach (var (host, before, after, emitted) in silent)
        {
            // As it stands now: a heartbeat may have come since the look, and its own write may be done.
            HostStore.SaveSighting(session, host.HostId, host.Sighting);
            foreach (var type in emitted)
            {
                events.Append(session, ReceiveHeartbeat.StateChange(host, type, before, after, docker: null));
            }

            LogSilent(logger, host.Name, after.Status.State, after.Status.Reason);
        }
    }

    private async Task FlushAsync()
    {
        var changed = hosts.Unordered
            .Where(host => host.Sighting.LastSeenAt is { } seen && _stored.GetValueOrDefault(host.HostId) != seen)
            .ToList();
        if (changed.Count == 0)
        {
            return;
        }

        await database.WriteAsync(
            session =>
            {
                foreach (var host in changed)
                {
                    HostStore.SaveSighting(session, host.HostId, host.Sighting);
                }
            },
            CancellationToken.None);
        foreach (var host in changed)
        {
            _stored[host.HostId] = host.Sighting.LastSeenAt.GetValueOrDefault();
        }
    }

    private async Task SafelyAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception)
        {
            LogFailed(logger, exception);
        }
    }

    /// <summary>What a look changed of one host.</summary>
    private sealed record Change(
        EnrolledHost Host, HostSighting Before, HostSighting After, IReadOnlyList<EventType> Emitted);

    [LoggerMessage(1110, LogLevel.Warning, "Host {Host} is {State}: {Reason}")]
    private static partial void LogSilent(ILogger logger, string host, HostState state, string reason);

    [LoggerMessage(1111, LogLevel.Error, "Watching the fleet failed; it goes on with the next second")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
