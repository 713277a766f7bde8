using Drover.Runtime.Docker;
using Drover.Runtime.Faults;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Decides what a delivered command is (new, in hand, executed before, cut short before) and takes a new one through
/// its lane to its report: begin on disk, execute, outcome on disk, report on disk. Whatever happens, each delivered
/// command ends in a report or in a lease that runs out.
/// </summary>
internal sealed partial class CommandIntake(
    CommandExecutor executor,
    ExecutionJournal journal,
    ReportRunner reports,
    LeaseKeeper leases,
    CommandLanes lanes,
    AppStatusSender statuses,
    CommandCounters counters,
    IContainerEngine engine,
    CommandRunnerOptions options,
    TimeProvider time,
    ILogger<CommandIntake> log)
{
    private static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(1);

    private readonly ILogger<CommandIntake> _log = log;

    /// <summary>Reports as interrupted what an earlier run of the agent began and did not end.</summary>
    public void ReportCutShort(string deploymentHash)
    {
        foreach (var entry in journal.Unsettled().Where(entry => !entry.IsFinished))
        {
            Complete(InterruptedReport(entry, deploymentHash));
        }
    }

    /// <summary>Takes a delivered command.</summary>
    /// <param name="command">As delivered.</param>
    /// <param name="lease">How long it is this agent's unless renewed.</param>
    /// <param name="notBegun">Cancelled when nothing more shall begin.</param>
    /// <param name="cutShort">Cancelled when what runs must end.</param>
    public async Task TakeAsync(
        CommandDto command, TimeSpan lease, CancellationToken notBegun, CancellationToken cutShort)
    {
        if (leases.TryHold(command.CommandId, lease) is not { } held)
        {
            // Delivered again while it waits or runs here: its lease is being renewed and its report will come.
            LogDeliveredAgain(command.CommandId, "in hand");
            return;
        }

        try
        {
            if (journal.Find(command.CommandId) is { } known && !MayExecuteAgain(known, command))
            {
                ReportAgain(known, command);
                return;
            }

            if (executor.Refuse(command) is { } refusal)
            {
                Complete(ReportOf(command, refusal, time.GetUtcNow()));
                return;
            }

            if (options.IsDeliveredOnce)
            {
                journal.Begin(command.CommandId, command.Type, ParameterReader.AppCodeOf(command));
            }

            await ExecuteAsync(command, held, notBegun, cutShort);
        }
        catch (OperationCanceledException) when (notBegun.IsCancellationRequested)
        {
            // Not begun: the lease runs out and the server delivers it again, where it ever does.
            if (options.IsDeliveredOnce)
            {
                Complete(ReportOf(command, NotBegun(command), time.GetUtcNow()));
            }
        }
        catch (IOException error)
        {
            LogDiskRefused(command.CommandId, error.Message);
            reports.Add(ReportOf(command, DiskRefused(command), time.GetUtcNow()));
        }
        finally
        {
            leases.Release(held);
        }
    }

    private async Task ExecuteAsync(
        CommandDto command, HeldCommand held, CancellationToken notBegun, CancellationToken cutShort)
    {
        var isAction = CommandTypes.ChangesHost(command.Type);
        var container = isAction ? await ContainerOfAsync(command, notBegun) : null;
        CommandOutcome outcome;
        ReportRequest report;
        using (await EnterAsync(command, isAction, container, notBegun))
        {
            notBegun.ThrowIfCancellationRequested();
            if (!leases.TryBegin(held))
            {
                return;
            }

            FaultPoint.Reach(FaultPoints.ExecutionDue);
            var startedAt = time.GetUtcNow();
            var start = time.GetTimestamp();
            Begin(command, isAction);
            FaultPoint.Reach(FaultPoints.ExecutionJournalled);
            outcome = await executor.ExecuteAsync(command, cutShort);
            FaultPoint.Reach(FaultPoints.ExecutionDone);
            counters.Count(options.ControlPlane, outcome.Success, time.GetElapsedTime(start), time.GetUtcNow());
            report = ReportOf(command, outcome, startedAt);
            Finish(report);
        }

        if (container is not null)
        {
            await SettleAsync(container, notBegun);
        }

        reports.Add(report);
        statuses.Post(command.Type, outcome);
    }

    private void Begin(CommandDto command, bool isAction)
    {
        try
        {
            journal.Begin(command.CommandId, command.Type, ParameterReader.AppCodeOf(command));
        }
        catch (IOException error) when (!isAction)
        {
            // What only looks may be done twice, and a host with a full disk is one to look at.
            LogDiskRefused(command.CommandId, error.Message);
        }
    }

    // Before the report, so that whoever looks after an action that ended finds the container as it is now.
    private async Task SettleAsync(string container, CancellationToken notBegun)
    {
        if (options.Settled is not { } settled)
        {
            return;
        }

        using var limit = new CancellationTokenSource(SettleLimit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, notBegun);
        await settled(container, either.Token).WaitAsync(either.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task<IDisposable> EnterAsync(
        CommandDto command, bool isAction, string? container, CancellationToken notBegun) => isAction
        ? lanes.EnterActionAsync(
            container ?? ParameterReader.AppCodeOf(command) ?? command.CommandId, command.Priority, notBegun)
        : lanes.EnterQuickAsync(command.Priority, notBegun);

    private void Complete(ReportRequest report)
    {
        Finish(report);
        reports.Add(report);
    }

    private void Finish(ReportRequest report)
    {
        try
        {
            journal.Finish(report);
            FaultPoint.Reach(FaultPoints.ReportJournalled);
        }
        catch (IOException error)
        {
            // The report itself may still find room, and then nothing is lost.
            LogDiskRefused(report.CommandId, error.Message);
        }
    }

    // What changes nothing may be done again when its report is no longer here; an action never.
    private static bool MayExecuteAgain(JournalEntry known, CommandDto command) =>
        known is { IsFinished: true, Report: null } && !CommandTypes.ChangesHost(command.Type);

    private void ReportAgain(JournalEntry known, CommandDto command)
    {
        LogDeliveredAgain(command.CommandId, known.IsFinished ? "executed" : "cut short");
        if (known.Report is { } report)
        {
            // One that is not settled is on its way already, unless the spool had to drop it.
            if (known.IsSettled || reports.Waiting == 0)
            {
                reports.Add(report);
            }
            else
            {
                reports.Hurry();
            }
        }
        else
        {
            Complete(InterruptedReport(known with { Type = command.Type }, command.DeploymentHash));
        }
    }

    /// <summary>The id of the container that an action means; null when it is not one.</summary>
    private async Task<string?> ContainerOfAsync(CommandDto command, CancellationToken cancellationToken)
    {
        if (ParameterReader.Read(command, out var context) is not null)
        {
            return null;
        }

        try
        {
            var containers = await engine.ListAsync(cancellationToken);
            return AppResolver.Resolve(containers, context!.AppCode, context.Parameters.Container)
                is AppResolution.Found found
                ? found.Container.Id
                : null;
        }
        catch (DockerException)
        {
            // The handler meets the same engine and says so in the report.
            return null;
        }
    }

    private ReportRequest ReportOf(CommandDto command, CommandOutcome outcome, DateTimeOffset startedAt) =>
        SafeReport.Of(new ReportRequest(
            command.CommandId,
            command.DeploymentHash,
            outcome.Success ? ReportRequest.Success : ReportRequest.Failed,
            time.GetUtcNow(),
            startedAt,
            outcome.Result,
            outcome.Errors.Count > 0 ? outcome.Errors[0].Message : null,
            outcome.Errors.Count > 0 ? outcome.Errors : null,
            options.ControlPlane));

    private ReportRequest InterruptedReport(JournalEntry entry, string deploymentHash)
    {
        var error = CommandExecutor.Interrupted(entry.Type ?? "command", entry.AppCode);
        var outcome = FailureResults.Of(entry.Type ?? "", deploymentHash, entry.AppCode, error);
        return SafeReport.Of(new ReportRequest(
            entry.CommandId,
            deploymentHash,
            ReportRequest.Failed,
            time.GetUtcNow(),
            entry.BegunAt,
            outcome.Result,
            error.Message,
            [error],
            options.ControlPlane));
    }

    private static CommandOutcome NotBegun(CommandDto command) => FailureResults.Of(
        command.Type,
        command.DeploymentHash,
        ParameterReader.AppCodeOf(command),
        new CommandErrorDto(
            CommandErrors.Interrupted,
            $"cannot {command.Type} \"{ParameterReader.AppCodeOf(command) ?? FailureResults.NoAppCode}\": the host "
                + "agent was stopped before it began; order it again"));

    private static CommandOutcome DiskRefused(CommandDto command) => FailureResults.Of(
        command.Type,
        command.DeploymentHash,
        ParameterReader.AppCodeOf(command),
        new CommandErrorDto(
            CommandErrors.Internal,
            $"cannot {command.Type}: the host agent cannot write its journal and so does not begin what it could not "
                + "remember; free disk space on the host"));

    [LoggerMessage(
        2341, LogLevel.Information, "command {CommandId} was delivered again; it is {Standing} and not executed twice")]
    private partial void LogDeliveredAgain(string commandId, string standing);

    [LoggerMessage(2342, LogLevel.Error, "cannot write the journal for command {CommandId}: {Why}")]
    private partial void LogDiskRefused(string commandId, string why);
}
