using System.Text.Json;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Checks a report's result by the type of its command; a failure's result is held to the same schema.
/// </summary>
internal static class ResultSchema
{
    private static readonly string[] ContainerStates = ["running", "exited", "starting", "failed", "unknown"];
    private static readonly string[] HealthStatuses = ["ok", "unhealthy", "unknown"];
    private static readonly string[] ActionStatuses = ["ok", "failed"];
    private static readonly string[] Streams = ["stdout", "stderr"];

    /// <summary>What is wrong with the result, or null.</summary>
    public static string? Check(string type, string deploymentHash, JsonElement? given)
    {
        if (given is not { ValueKind: JsonValueKind.Object } result)
        {
            return "result is missing or not an object";
        }

        return Equal(result, "type", type)
            ?? Equal(result, "deployment_hash", deploymentHash)
            ?? Array(result, "errors", Error)
            ?? (type == CommandTypes.List ? null : NonBlank(result, "app_code"))
            ?? type switch
            {
                CommandTypes.Health =>
                    OneOf(result, "status", HealthStatuses) ?? OneOf(result, "container_state", ContainerStates),
                CommandTypes.Logs => Boolean(result, "truncated") ?? Array(result, "lines", Line),
                CommandTypes.List => Array(result, "containers", element => NonBlank(element, "dockerId")),
                _ => OneOf(result, "status", ActionStatuses) ?? OneOf(result, "container_state", ContainerStates),
            };
    }

    private static string? Line(JsonElement line) =>
        NonBlank(line, "ts")
        ?? OneOf(line, "stream", Streams)
        ?? (Has(line, "message", JsonValueKind.String) ? null : "message is not a string")
        ?? Boolean(line, "redacted");

    private static string? Error(JsonElement error) => NonBlank(error, "code") ?? NonBlank(error, "message");

    private static string? Equal(JsonElement element, string name, string wanted) =>
        Text(element, name) == wanted ? null : $"{name} is not \"{wanted}\"";

    private static string? NonBlank(JsonElement element, string name) =>
        string.IsNullOrWhiteSpace(Text(element, name)) ? $"{name} is missing or blank" : null;

    private static string? OneOf(JsonElement element, string name, string[] values) =>
        values.Contains(Text(element, name)) ? null : $"{name} is not one of {string.Join(", ", values)}";

    private static string? Boolean(JsonElement element, string name) =>
        Has(element, name, JsonValueKind.True) || Has(element, name, JsonValueKind.False)
            ? null
            : $"{name} is not true or false";

    private static string? Array(JsonElement element, string name, Func<JsonElement, string?> check)
    {
        if (!Has(element, name, JsonValueKind.Array))
        {
            return $"{name} is not an array";
        }

        foreach (var item in element.GetProperty(name).EnumerateArray())
        {
            if (item.ValueKind is not JsonValueKind.Object)
            {
                return $"{name} holds something that is not an object";
            }

            if (check(item) is { } problem)
            {
                return $"{name}: {problem}";
            }
        }

        return null;
    }

    private static bool Has(JsonElement element, string name, JsonValueKind kind) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == kind;

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;
}
