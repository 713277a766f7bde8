using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Legacy;

namespace Drover.HostAgent.Legacy;

/// <summary>
/// Writes reports and app status as an agent of the older protocol does: compact, keys in alphabetical order, times in
/// whole seconds, no more escapes than JSON needs. Pure.
/// </summary>
internal static class LegacyBodies
{
    private const string Firewall = "configure_firewall";

    private static readonly LegacyJson Json = new(new JsonSerializerOptions(LegacyJson.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    internal static byte[] Of(ReportRequest report) => JsonSerializer.SerializeToUtf8Bytes(
        new LegacyReportRequest(
            report.CommandId,
            CommandStatus: null,
            Time(report.CompletedAt),
            report.DeploymentHash,
            Text(report.Error),
            report.Errors is { Count: > 0 } errors
                ? [.. errors.Select(error =>
                    JsonSerializer.SerializeToElement(error, WireJson.Default.CommandErrorDto))]
                : null,
            report.ExecutedBy,
            Fitting(report.Result),
            report.Status),
        Json.LegacyReportRequest);

    internal static byte[] Of(AppStatusRequest status) => JsonSerializer.SerializeToUtf8Bytes(
        new LegacyAppStatusRequest(
            status.AppCode, status.DeploymentHash, status.Logs, status.Status, Time(status.Timestamp)),
        Json.LegacyAppStatusRequest);

    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static JsonElement? Text(string? text)
    {
        if (text is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(JsonSerializer.SerializeToUtf8Bytes(text, WireJson.Default.String));
        return document.RootElement.Clone();
    }

    /// <summary>That server also wants the rules of a firewall that we do not touch.</summary>
    private static JsonElement? Fitting(JsonElement? result)
    {
        if (result is not { ValueKind: JsonValueKind.Object } given
            || !given.TryGetProperty("type", out var type) || !type.ValueEquals(Firewall)
            || given.TryGetProperty("rules", out _))
        {
            return result;
        }

        var fitting = JsonObject.Create(given)!;
        fitting["rules"] = new JsonArray();
        using var document = JsonDocument.Parse(fitting.ToJsonString());
        return document.RootElement.Clone();
    }
}
