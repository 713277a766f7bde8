using System.Text.Json;
using Drover.Core.Audit;
using Drover.Core.Events;
using Drover.Runtime.Faults;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Audit;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;
using Drover.Server.Features.Legacy;
using Drover.Server.Features.Status;
using Drover.Server.Hosting;
using Drover.Wire;
using Drover.Wire.Commands;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Takes the outcome of a command. The first report counts, also of a command that was given out and then expired or
/// was cancelled before the report came; one that comes again is accepted and changes nothing, so that the host can
/// forget it.
/// </summary>
internal sealed class ReceiveReport(
    Database database, EventLog events, AuditLog audit, CommandWatch watch, ServerMetrics metrics, TimeProvider time)
{
    private const int LongestError = 4000;

    public static async Task<IResult> Handle(
        HttpContext context, ReceiveReport reports, ReceiveLegacyReport legacyReports)
    {
        var agent = context.Agent();
        if (agent.IsLegacy)
        {
            return await legacyReports.ReceiveAsync(agent, context.RequestAborted);
        }

        var report = AgentBody.Read(agent.Body, WireJson.Default.ReportRequest);
        return await reports.ReceiveAsync(agent.Host, report, context.RequestAborted);
    }

    /// <summary>Takes a report; the answer's inner message is the command's state afterwards.</summary>
    public async Task<Results<Ok<ReportResponse>, Problem>> ReceiveAsync(
        EnrolledHost host, ReportRequest report, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(report.CommandId))
        {
            return Problem.InvalidRequest("cannot take the report: command_id is missing");
        }

        // Another host's command is as unknown as one that never was.
        var row = await database.ReadAsync(session => CommandStore.Find(session, report.CommandId), cancellationToken);
        if (row is null || row.HostId != host.HostId)
        {
            return Problem.NotFound($"This host has no command \"{report.CommandId}\".");
        }

        if (Check(row, report) is { } invalid)
        {
            return Problem.InvalidRequest($"cannot take the report of \"{row.CommandId}\": {invalid}");
        }

        var state = row.AwaitsReport ? await StoreAsync(host, row, report) : row.State;
        FaultPoint.Reach(FaultPoints.ReportStored);
        return TypedResults.Ok(new ReportResponse("Result accepted", new ReportAccepted(true, state)));
    }

    private static string? Check(CommandRow row, ReportRequest report)
    {
        if (report.Status is not (ReportRequest.Success or ReportRequest.Failed))
        {
            return $"status \"{report.Status}\" is not {ReportRequest.Success} or {ReportRequest.Failed}";
        }

        if (report.DeploymentHash != row.DeploymentHash)
        {
            return "deployment_hash is another host's";
        }

        if (report.Status == ReportRequest.Failed && report.Errors is not { Count: > 0 })
        {
            return "a failed command needs errors";
        }

        return report.CompletedAt == default
            ? "completed_at is missing"
            : ResultSchema.Check(row.Type, row.DeploymentHash, report.Result);
    }

    private Task<string> StoreAsync(EnrolledHost host, CommandRow seen, ReportRequest report) => database.WriteAsync(
        session =>
        {
            var now = time.GetUtcNow();
            var row = CommandStore.Find(session, seen.CommandId) ?? seen;
            var ended = row with
            {
                State = report.Status == ReportRequest.Success ? CommandStates.Completed : CommandStates.Failed,
                Result = report.Result?.GetRawText(),
                Error = Shorten(report.Error ?? report.Errors?[0].Message),
                Errors = report.Errors is null
                    ? null
                    : JsonSerializer.Serialize(report.Errors, WireJson.Default.IReadOnlyListCommandErrorDto),
                ExecutedBy = report.ExecutedBy,
                StartedAt = report.StartedAt ?? row.StartedAt,
                CompletedAt = report.CompletedAt,
                UpdatedAt = now,
            };
            if (!CommandStore.Complete(session, ended))
            {
                return row.State;
            }

            var type = ended.State == CommandStates.Completed ? EventTypes.CommandCompleted : EventTypes.CommandFailed;
            events.Append(session, CommandEvents.Of(type, ended, now));
            audit.Append(
                session,
                host.ToActor(),
                AuditActions.CommandReport,
                ended.CommandId,
                ended.State == CommandStates.Completed ? AuditOutcomes.Done : AuditOutcomes.Failed,
                [.. CommandAudit.DetailsOf(ended), ("error", report.Errors is [var first, ..] ? first.Code : null)]);
            session.AfterCommit(() =>
            {
                // One that expired or was cancelled before its report came was counted then.
                if (!CommandStates.IsFinal(row.State))
                {
                    metrics.CommandEnded(ended.Type, ended.State);
                }

                watch.Ended(ended.CommandId);
            });
            return ended.State;
        },
        CancellationToken.None);

    private static string? Shorten(string? error) =>
        error is { Length: > LongestError } ? error[..LongestError] : error;
}
