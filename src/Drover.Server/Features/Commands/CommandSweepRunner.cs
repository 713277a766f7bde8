using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Core.Fleet;
using Drover.Runtime.Storage;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;
using Drover.Wire.Commands;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Looks every second for commands whose time is over: a lost lease goes back into the queue, a life or deadline that
/// ended makes the command expire. A deadline counts only while the host is heard and has had the time to report since
/// the server's start: a report that could not be delivered is no reason to give a command up. One that was given out
/// without a lease (to an agent of the older protocol, which may execute twice what it gets twice) is never given out
/// again; its deadline always counts, for such an agent keeps no report. When the wall clock is set, all of these move
/// with it, for no time has passed.
/// </summary>
internal sealed partial class CommandSweepRunner(
    Database database,
    HostRegistry hosts,
    EventLog events,
    AuditLog audit,
    CommandWatch watch,
    ServerMetrics metrics,
    ServerOptions options,
    TimeProvider time,
    ILogger<CommandSweepRunner> logger) : BackgroundService
{
    private const int Batch = 200;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly WallClockWatch _clock = new(time);
    private TimeSpan? _setBy = TimeSpan.Zero;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reportsBy = time.Monotonic() + WaitForCommand.ReportGrace;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Every, time, stoppingToken);
                await LookAsync(time.Monotonic() >= reportsBy, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
            }
        }
    }

    private async Task LookAsync(bool deadlinesCount, CancellationToken cancellationToken)
    {
        var (now, setBy) = _clock.Look();
        _setBy = setBy == TimeSpan.Zero ? _setBy : _setBy.GetValueOrDefault() + setBy;
        if (_setBy is { } by)
        {
            await MoveDeadlinesAsync(now, by, cancellationToken);
            _setBy = null;
        }

        var overdue = await database.ReadAsync(session => Overdue(session, now), cancellationToken);
        if (overdue.Count > 0)
        {
            await database.WriteAsync(
                session => overdue.ForEach(row => Settle(session, row, now, deadlinesCount)),
                CancellationToken.None);
        }
    }

    /// <summary>At the start too, by nothing: a clock that was set back meanwhile left deadlines far ahead.</summary>
    private async Task MoveDeadlinesAsync(DateTimeOffset now, TimeSpan by, CancellationToken cancellationToken)
    {
        var limits = new DeadlineLimits(
            now + options.CommandLife, now + options.CommandLease, now + WaitForCommand.ReportGrace);
        if (await database.ReadAsync(CommandStore.HasUnfinished, cancellationToken))
        {
            await database.WriteAsync(
                session => { CommandStore.MoveDeadlines(session, by, limits); }, CancellationToken.None);
        }

        if (by == TimeSpan.Zero)
        {
            return;
        }

        LogClockSet(logger, by);
        foreach (var host in hosts.Unordered)
        {
            // A poll that came between may have taken what waits for outlived.
            HostQueue.Wake(host);
        }
    }

    private static List<CommandRow> Overdue(DbSession session, DateTimeOffset now) =>
    [
        .. CommandStore.OutlivedInQueue(session, now, Batch),
        .. CommandStore.OverdueInHand(session, now, Batch),
    ];

    private void Settle(DbSession session, CommandRow seen, DateTimeOffset now, bool deadlinesCount)
    {
        // Read again behind the writer: a report may have come since the look.
        if (CommandStore.Find(session, seen.CommandId) is not { IsFinal: false } row)
        {
            return;
        }

        var isWaiting = row.State == CommandStates.Queued;
        if (isWaiting && row.ExpiresAt <= now)
        {
            Expire(session, row, now, "the host did not take it in time");
        }
        else if (!isWaiting && deadlinesCount && (row.LeaseUntil is null || IsHeard(row.HostId))
            && CommandStore.IsPastDeadline(session, row.CommandId, now))
        {
            Expire(session, row, now, "the host did not report in time");
        }
        else if (!isWaiting && CommandStore.Requeue(session, row.CommandId, now))
        {
            session.AfterCommit(() => Redeliver(row));
        }
    }

    private bool IsHeard(string hostId) =>
        hosts.ById(hostId)?.Sighting.Status.State is HostState.Live or HostState.DockerDown;

    private void Expire(DbSession session, CommandRow row, DateTimeOffset now, string why)
    {
        CommandStore.End(session, row.CommandId, CommandStates.Expired, why, now);
        var ended = row with { State = CommandStates.Expired, Error = why, CompletedAt = now };
        events.Append(session, CommandEvents.Of(EventTypes.CommandExpired, ended, now));
        audit.Append(
            session,
            AuditActor.System("command sweep"),
            AuditActions.CommandExpire,
            ended.CommandId,
            AuditOutcomes.Failed,
            [.. CommandAudit.DetailsOf(ended), ("why", why)]);
        session.AfterCommit(() =>
        {
            metrics.CommandEnded(ended.Type, ended.State);
            watch.Ended(ended.CommandId);
        });
    }

    private void Redeliver(CommandRow row)
    {
        LogRequeued(logger, row.CommandId, row.HostName);
        if (hosts.ById(row.HostId) is { } host)
        {
            HostQueue.Wake(host);
        }
    }

    [LoggerMessage(1501, LogLevel.Warning, "Host {Host} lost its lease of {CommandId}; it is given out again")]
    private static partial void LogRequeued(ILogger logger, string commandId, string host);

    [LoggerMessage(
        1503, LogLevel.Warning, "The clock of this machine was set by {By}; deadlines of commands move with it")]
    private static partial void LogClockSet(ILogger logger, TimeSpan by);

    [LoggerMessage(1502, LogLevel.Error, "Looking for overdue commands failed; it is done again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
