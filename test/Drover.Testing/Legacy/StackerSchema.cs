using System.Globalization;
using System.Text.Json;

namespace Drover.Testing.Legacy;

/// <summary>
/// What a Stacker asks of a report's result before it takes it, by type; written from its description. Types it does
/// not name pass unchecked.
/// </summary>
internal static class StackerSchema
{
    private static readonly string[] States = ["running", "exited", "starting", "failed", "unknown"];
    private static readonly string[] Healths = ["ok", "unhealthy", "unknown"];
    private static readonly string[] Outcomes = ["ok", "failed"];
    private static readonly string[] Streams = ["stdout", "stderr"];

    /// <summary>Why the report is refused, or null.</summary>
    public static string? Objection(string type, string deploymentHash, JsonElement report)
    {
        if (type is not ("health" or "logs" or "restart" or "configure_firewall"))
        {
            return null;
        }

        if (!report.TryGetProperty("result", out var result) || result.ValueKind is not JsonValueKind.Object)
        {
            return "result payload is required";
        }

        if (Text(result, "type") != type || Text(result, "deployment_hash") != deploymentHash)
        {
            return "result type or deployment_hash mismatch";
        }

        return type switch
        {
            "health" => App(result) ?? OneOf(result, "status", Healths) ?? OneOf(result, "container_state", States)
                ?? Time(result, "last_heartbeat_at") ?? Array(result, "errors"),
            "restart" => App(result) ?? OneOf(result, "status", Outcomes) ?? OneOf(result, "container_state", States)
                ?? Array(result, "errors"),
            "logs" => App(result) ?? Lines(result),
            _ => Array(result, "rules"),
        };
    }

    private static string? Lines(JsonElement result)
    {
        if (!result.TryGetProperty("truncated", out var truncated)
            || truncated.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return "truncated is required";
        }

        return Array(result, "lines") ?? result.GetProperty("lines").EnumerateArray()
            .Select(line => Time(line, "ts", isRequired: true) ?? OneOf(line, "stream", Streams)
                ?? (line.TryGetProperty("redacted", out _) && Text(line, "message") is not null ? null : "line"))
            .FirstOrDefault(why => why is not null);
    }

    private static string? App(JsonElement result) =>
        string.IsNullOrWhiteSpace(Text(result, "app_code")) ? "app_code is required" : null;

    private static string? OneOf(JsonElement owner, string name, string[] allowed) =>
        allowed.Contains(Text(owner, name)) ? null : $"{name} is invalid";

    private static string? Array(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Array
            ? null
            : $"{name} is required";

    private static string? Time(JsonElement owner, string name, bool isRequired = false) => Text(owner, name) switch
    {
        null => isRequired ? $"{name} is required" : null,
        var text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _)
            ? null
            : $"{name} is not a time",
    };

    private static string? Text(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;
}
