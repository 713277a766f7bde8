using System.Text.Json;
using System.Text.Json.Nodes;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Takes the secrets out of everything a report says went wrong. Each report passes here before it is written or sent,
/// whoever made it: an engine's sentence may quote a command line, and an order's sentence its parameters. Pure.
/// </summary>
internal static class SafeReport
{
    /// <summary>The same report with safe sentences.</summary>
    public static ReportRequest Of(ReportRequest report) => report with
    {
        Error = report.Error is { } error ? SafeText.Of(error) : null,
        Errors = report.Errors is { } errors ? [.. errors.Select(Safe)] : null,
        Result = report.Result is { } result ? Safe(result) : null,
    };

    private static CommandErrorDto Safe(CommandErrorDto error) => new(
        error.Code,
        SafeText.Of(error.Message),
        error.Details?.ToDictionary(detail => detail.Key, detail => SafeText.Of(detail.Value)));

    private static JsonElement Safe(JsonElement result)
    {
        var hasErrors = result.ValueKind is JsonValueKind.Object
            && result.TryGetProperty("errors", out var errors)
            && errors.ValueKind is JsonValueKind.Array
            && errors.GetArrayLength() > 0;
        if (!hasErrors)
        {
            return result;
        }

        var copy = JsonObject.Create(result)!;
        foreach (var error in copy["errors"]!.AsArray().OfType<JsonObject>())
        {
            MakeSafe(error, "message");
            if (error["details"] is JsonObject details)
            {
                details.Select(detail => detail.Key).ToList().ForEach(key => MakeSafe(details, key));
            }
        }

        using var document = JsonDocument.Parse(copy.ToJsonString());
        return document.RootElement.Clone();
    }

    private static void MakeSafe(JsonObject owner, string key)
    {
        if (owner[key] is JsonValue value && value.TryGetValue<string>(out var text))
        {
            owner[key] = SafeText.Of(text);
        }
    }
}
