using System.Globalization;
using System.Text.Json;
using Drover.Core.Redaction;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// Translates the result of a command as an agent of the older protocol gives it: the health of all has another shape
/// there, a terminal's lines a stream of their own, a failure often no result at all. Lines pass the redactor. Pure.
/// </summary>
internal static class LegacyResults
{
    private const string Unknown = "unknown";
    private const int MostLines = 1000;
    private const int MostContainers = 5000;

    private static readonly string[] States = ["running", "exited", "starting", "failed", Unknown];
    private static readonly string[] Healths = ["ok", "unhealthy", Unknown];

    public static JsonElement Translate(
        string type,
        string deploymentHash,
        string appCode,
        bool succeeded,
        JsonElement? given,
        IReadOnlyList<CommandErrorDto> errors) => type switch
        {
            CommandTypes.Health => JsonSerializer.SerializeToElement(
                Health(deploymentHash, appCode, given, errors), WireJson.Default.HealthResult),
            CommandTypes.Logs => JsonSerializer.SerializeToElement(
                Logs(deploymentHash, appCode, given, errors), WireJson.Default.LogsResult),
            CommandTypes.List => JsonSerializer.SerializeToElement(
                new ListResult(type, deploymentHash, [], errors), WireJson.Default.ListResult),
            _ => JsonSerializer.SerializeToElement(
                new ActionResult(
                    type,
                    deploymentHash,
                    appCode,
                    succeeded ? "ok" : "failed",
                    State(given, "container_state"),
                    errors),
                WireJson.Default.ActionResult),
        };

    private static HealthResult Health(
        string hash, string appCode, JsonElement? given, IReadOnlyList<CommandErrorDto> errors)
    {
        var containers = Items(given, "containers").Take(MostContainers).Select(Container).ToList();
        var states = containers.Select(container => container.ContainerState).Distinct().ToList();
        return new HealthResult(
            CommandTypes.Health,
            hash,
            appCode,
            HealthStatus(given),
            states.Count == 1 ? states[0] : State(given, "container_state"),
            Time(given, "last_heartbeat_at"),
            Metrics(given),
            errors,
            containers.Count > 0 ? containers : null);
    }

    private static ContainerHealthDto Container(JsonElement container) => new(
        Text(container, "app_code") ?? Text(container, "container_name") ?? Unknown,
        Text(container, "container_name") ?? Text(container, "app_code") ?? Unknown,
        HealthStatus(container),
        State(container, "container_state"),
        Metrics(container));

    private static LogsResult Logs(
        string hash, string appCode, JsonElement? given, IReadOnlyList<CommandErrorDto> errors)
    {
        // Each stream has a memory of its own: a private key's body reaches over lines of one stream.
        var (stdout, stderr) = (new LogRedactor(), new LogRedactor());
        var lines = Items(given, "lines").Take(MostLines).Select(line =>
        {
            var isStderr = Text(line, "stream") is "stderr";
            var redacted = (isStderr ? stderr : stdout).Redact(Text(line, "message") ?? string.Empty);
            return new LogLineDto(
                Text(line, "ts") is { Length: > 0 } ts ? ts : DateTimeOffset.UnixEpoch.ToString("O"),
                isStderr ? "stderr" : "stdout",
                LegacyRedaction.Bound(redacted.Text),
                redacted.Redacted || Is(line, "redacted"));
        }).ToList();
        return new LogsResult(
            CommandTypes.Logs, hash, appCode, Text(given, "cursor"), Is(given, "truncated"), lines, errors);
    }

    private static string HealthStatus(JsonElement? given) => Text(given, "status") switch
    {
        "degraded" => "unhealthy",
        { } status when Healths.Contains(status) => status,
        _ => Unknown,
    };

    private static string State(JsonElement? given, string name) =>
        Text(given, name) is { } state && States.Contains(state) ? state : Unknown;

    private static ContainerMetricsDto? Metrics(JsonElement? given) =>
        given is { } owner
        && owner.TryGetProperty("metrics", out var metrics)
        && metrics.ValueKind is JsonValueKind.Object
            ? new ContainerMetricsDto(
                Number(metrics, "cpu_pct"),
                Number(metrics, "mem_pct"),
                Number(metrics, "mem_usage_mb"),
                Whole(metrics, "mem_limit_bytes"),
                Whole(metrics, "rx_bytes"),
                Whole(metrics, "tx_bytes"))
            : null;

    private static IEnumerable<JsonElement> Items(JsonElement? given, string name) =>
        given is { } owner && owner.TryGetProperty(name, out var items) && items.ValueKind is JsonValueKind.Array
            ? items.EnumerateArray().Where(item => item.ValueKind is JsonValueKind.Object)
            : [];

    private static string? Text(JsonElement? given, string name) =>
        given is { } owner && owner.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : null;

    private static bool Is(JsonElement? given, string name) =>
        given is { } owner && owner.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True;

    private static DateTimeOffset? Time(JsonElement? given, string name) =>
        DateTimeOffset.TryParse(
            Text(given, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;

    private static double? Number(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number
            && value.TryGetDouble(out var number) && double.IsFinite(number)
            ? number
            : null;

    private static long? Whole(JsonElement owner, string name) =>
        owner.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number
            && value.TryGetInt64(out var number)
            ? number
            : null;
}
