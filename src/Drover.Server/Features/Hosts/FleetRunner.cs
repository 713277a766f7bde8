using Drover.Core.Fleet;
using Drover.Runtime.Storage;
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
    HostRegistry hosts, Database database, HostChangeStore changes, TimeProvider time, ILogger<FleetRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FlushEvery = TimeSpan.FromMinutes(10);

    private readonly Dictionary<string, DateTimeOffset> _stored = new(StringComparer.Ordinal);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await SafelyAsync(changes.StoreWaitingAsync);
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
    private Task LookAsync(TimeSpan now) => changes.StoreAsync(
        [
            .. hosts.Unordered
                .Where(host => host.Sighting.Status.LookAgainAt <= now)
                .Select(host => LookAt(host, now))
                .OfType<HostChange>(),
        ]);

    private HostChange? LookAt(EnrolledHost host, TimeSpan now)
    {
        lock (host.Gate)
        {
            var before = host.Sighting;
            var transition = HostMachine.Decide(before.Status, new HostInput.Tick(now));
            var isNews = transition.Events.Count > 0;
            var after = before with
            {
                Status = transition.Next,
                Since = isNews ? time.GetUtcNow() : before.Since,
            };
            host.Sighting = after;
            if (!isNews)
            {
                return null;
            }

            LogSilent(logger, host.Name, after.Status.State, after.Status.Reason);
            return new HostChange(
                host,
                [
                    .. transition.Events.Select(
                        type => ReceiveHeartbeat.StateChange(host, type, before, after, docker: null)),
                ]);
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

    [LoggerMessage(1110, LogLevel.Warning, "Host {Host} is {State}: {Reason}")]
    private static partial void LogSilent(ILogger logger, string host, HostState state, string reason);

    [LoggerMessage(1111, LogLevel.Error, "Watching the fleet failed; it goes on with the next second")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
