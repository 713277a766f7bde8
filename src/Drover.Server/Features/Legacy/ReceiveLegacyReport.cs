using System.Globalization;
using Drover.Runtime.Storage;
using Drover.Server.Features.Access;
using Drover.Server.Features.Commands;
using Drover.Server.Hosting;
using Drover.Wire.Commands;
using Drover.Wire.Legacy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// Takes a report of the older protocol: translated, it goes the way of every report, so that the first one counts and
/// a repeated one changes nothing. What such an agent says badly is understood rather than refused, for it sends a
/// refused report never again.
/// </summary>
internal sealed class ReceiveLegacyReport(Database database, ReceiveReport reports)
{
    public async Task<IResult> ReceiveAsync(AgentCaller agent, CancellationToken cancellationToken)
    {
        var report = AgentBody.Read(agent.Body, LegacyJson.Default.LegacyReportRequest);
        if (Objection(report, out var completedAt) is { } why)
        {
            return Problem.InvalidRequest(why);
        }

        var row = await database.ReadAsync(
            session => CommandStore.Find(session, report.CommandId!), cancellationToken);
        if (row is null || row.HostId != agent.Host.HostId)
        {
            return Problem.NotFound(LegacyTexts.CommandNotFound);
        }

        if (report.DeploymentHash != row.DeploymentHash)
        {
            return Problem.Forbidden(LegacyTexts.WrongDeployment);
        }

        var translated = LegacyReports.Translate(row.Type, row.DeploymentHash, row.AppCode, report, completedAt);
        var outcome = await reports.ReceiveAsync(agent.Host, translated, cancellationToken);
        return outcome.Result is Ok<ReportResponse> { Value.Item.Message: var state }
            ? TypedResults.Ok(new ReportResponse(
                LegacyTexts.ResultAccepted, new ReportAccepted(true, LegacyTexts.ReportAccepted(state))))
            : outcome;
    }

    private static string? Objection(LegacyReportRequest report, out DateTimeOffset completedAt)
    {
        completedAt = default;
        if (string.IsNullOrEmpty(report.CommandId) || string.IsNullOrEmpty(report.Status))
        {
            return "command_id and status are required";
        }

        if (report.CommandStatus is not (null or CommandStates.Completed or CommandStates.Failed))
        {
            return "command_status must be completed or failed";
        }

        return DateTimeOffset.TryParse(
            report.CompletedAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out completedAt)
            ? null
            : "completed_at is required and must be a time in RFC 3339";
    }
}
