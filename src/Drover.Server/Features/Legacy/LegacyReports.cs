using System.Text.Json;
using Drover.Wire.Commands;
using Drover.Wire.Legacy;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// Translates a report of the older protocol into ours. Only <c>success</c> without errors is a success: what was
/// killed, timed out or ended in an error never counts as completed. Every sentence passes the redactor. Pure and
/// total: whatever the agent sent, the outcome is a report that fits its command's schema.
/// </summary>
internal static class LegacyReports
{
    private const int MostErrors = 50;
    private const int LongestCode = 64;

    // What an agent of the older protocol says of itself when it does not say more.
    private const string AgentError = "agent_error";

    private static readonly string[] Successes = ["success", "completed", "ok"];

    /// <summary>Our report of the same outcome.</summary>
    /// <param name="type">The command's type, as it was ordered.</param>
    /// <param name="deploymentHash">The host's.</param>
    /// <param name="appCode">The app it was ordered for.</param>
    /// <param name="report">As it came.</param>
    /// <param name="completedAt">Its time, read.</param>
    public static ReportRequest Translate(
        string type, string deploymentHash, string? appCode, LegacyReportRequest report, DateTimeOffset completedAt)
    {
        var errors = ErrorsOf(report);
        var succeeded = report.CommandStatus is { } explicitly
            ? explicitly == CommandStates.Completed
            : errors.Count == 0 && Successes.Contains(report.Status, StringComparer.OrdinalIgnoreCase);
        if (!succeeded && errors.Count == 0)
        {
            var sentence = $"cannot {type}: the agent says \"{Word(report.Status)}\" and not why";
            errors = [new CommandErrorDto(CodeOf(report.Status), sentence)];
        }

        var result = report.Result is { ValueKind: JsonValueKind.Object } given ? given : (JsonElement?)null;
        return new ReportRequest(
            report.CommandId!,
            deploymentHash,
            succeeded ? ReportRequest.Success : ReportRequest.Failed,
            completedAt,
            StartedAt: null,
            LegacyResults.Translate(type, deploymentHash, appCode ?? "all", succeeded, result, errors),
            errors.Count > 0 ? errors[0].Message : null,
            errors.Count > 0 ? errors : null,
            report.ExecutedBy is ControlPlanes.ComposeAgent ? ControlPlanes.ComposeAgent : ControlPlanes.StatusPanel);
    }

    private static List<CommandErrorDto> ErrorsOf(LegacyReportRequest report)
    {
        var told = new List<CommandErrorDto>();
        foreach (var error in (report.Errors ?? []).Take(MostErrors))
        {
            told.Add(ErrorOf(error, report.Status));
        }

        if (told.Count == 0 && report.Error is { ValueKind: not (JsonValueKind.Null or JsonValueKind.Undefined) } only)
        {
            told.Add(ErrorOf(only, report.Status));
        }

        return told;
    }

    private static CommandErrorDto ErrorOf(JsonElement error, string? status)
    {
        if (error.ValueKind is not JsonValueKind.Object)
        {
            var sentence = error.ValueKind is JsonValueKind.String ? error.GetString()! : error.GetRawText();
            return new CommandErrorDto(CodeOf(status), Sentence(sentence));
        }

        var message = Text(error, "message") ?? error.GetRawText();
        var details = Text(error, "details") is { } text
            ? new Dictionary<string, string>(StringComparer.Ordinal) { ["details"] = Sentence(text) }
            : null;
        var code = Word(Text(error, "code"));
        return new CommandErrorDto(code.Length > 0 ? code : CodeOf(status), Sentence(message), details);
    }

    private static string CodeOf(string? status) => status switch
    {
        "timeout" => CommandErrors.DeadlineExceeded,
        "killed" => CommandErrors.Interrupted,
        _ => AgentError,
    };

    private static string Sentence(string text) =>
        string.IsNullOrWhiteSpace(text) ? "the agent says nothing" : LegacyRedaction.Of(text);

    /// <summary>A code or status as it may stand in tables: short and of plain letters.</summary>
    private static string Word(string? text) => string.Concat((text ?? string.Empty)
        .Take(LongestCode)
        .Where(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'));

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;
}
