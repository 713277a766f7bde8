using System.Globalization;
using System.Text.Json;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Tests.Commands;

/// <summary>
/// What a server of the older protocol checks before it takes a report; everything else it refuses with 400.
/// </summary>
internal static class ReportSchema
{
    private static readonly string[] States = ["running", "exited", "starting", "failed", "unknown"];

    /// <summary>Fails the test unless the report, as it travels, would be taken.</summary>
    public static void Check(string type, ReportRequest report)
    {
        var json = JsonSerializer.SerializeToElement(report, WireJson.Default.ReportRequest);
        Assert.NotEmpty(Text(json, "command_id"));
        Assert.Contains(Text(json, "status"), (string[])["success", "failed"]);
        Assert.Contains(Text(json, "executed_by"), (string[])["status_panel", "compose_agent"]);
        Time(Text(json, "completed_at"));
        if (Text(json, "status") == "failed")
        {
            Assert.NotEmpty(json.GetProperty("errors").EnumerateArray());
            Assert.StartsWith("cannot ", Text(json, "error"), StringComparison.Ordinal);
        }

        var result = json.GetProperty("result");
        Assert.Equal(type, Text(result, "type"));
        Assert.Equal(Text(json, "deployment_hash"), Text(result, "deployment_hash"));
        foreach (var error in result.GetProperty("errors").EnumerateArray())
        {
            Assert.NotEmpty(Text(error, "code"));
            Assert.NotEmpty(Text(error, "message"));
        }

        switch (type)
        {
            case CommandTypes.Health:
                Assert.Contains(Text(result, "status"), (string[])["ok", "unhealthy", "unknown"]);
                App(result);
                State(result);
                if (result.TryGetProperty("last_heartbeat_at", out var heartbeat))
                {
                    Time(heartbeat.GetString()!);
                }

                break;
            case CommandTypes.Logs:
                App(result);
                Assert.Contains(
                    result.GetProperty("truncated").ValueKind,
                    (JsonValueKind[])[JsonValueKind.True, JsonValueKind.False]);
                foreach (var line in result.GetProperty("lines").EnumerateArray())
                {
                    Time(Text(line, "ts"));
                    Assert.Contains(Text(line, "stream"), (string[])["stdout", "stderr"]);
                    Assert.NotNull(line.GetProperty("message").GetString());
                    _ = line.GetProperty("redacted").GetBoolean();
                }

                break;
            case CommandTypes.List:
                _ = result.GetProperty("containers").GetArrayLength();
                break;
            default:
                App(result);
                State(result);
                Assert.Contains(Text(result, "status"), (string[])["ok", "failed"]);
                break;
        }
    }

    private static void App(JsonElement result) => Assert.False(string.IsNullOrWhiteSpace(Text(result, "app_code")));

    private static void State(JsonElement result) => Assert.Contains(Text(result, "container_state"), States);

    private static void Time(string text) =>
        Assert.True(
            DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out _), text);

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
