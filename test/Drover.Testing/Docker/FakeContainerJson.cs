using System.Globalization;
using System.Text.Json.Nodes;

namespace Drover.Testing.Docker;

/// <summary>A <see cref="FakeContainer"/> in the shapes of the engine's list and inspect.</summary>
internal static class FakeContainerJson
{
    public static JsonObject Summary(FakeContainer container) => new()
    {
        ["Id"] = container.Id,
        ["Names"] = new JsonArray($"/{container.Name}"),
        ["Image"] = container.Image,
        ["ImageID"] = "sha256:" + new string('a', 64),
        ["Command"] = "sh -c 'sleep 3600'",
        ["Created"] = container.CreatedAt.Seconds,
        ["Ports"] = new JsonArray([.. container.Ports.Select(PortSummary)]),
        ["Labels"] = Labels(container),
        ["State"] = container.State,
        ["Status"] = Status(container),
        ["HostConfig"] = new JsonObject { ["NetworkMode"] = "none" },
        ["NetworkSettings"] = new JsonObject { ["Networks"] = Networks() },
        ["Mounts"] = new JsonArray(),
    };

    public static JsonObject Inspect(FakeContainer container) => new()
    {
        ["Id"] = container.Id,
        ["Name"] = $"/{container.Name}",
        ["Created"] = container.CreatedAt.ToString(),
        ["Path"] = "sh",
        ["Args"] = new JsonArray("-c", "sleep 3600"),
        ["State"] = State(container),
        ["Image"] = "sha256:" + new string('a', 64),
        ["RestartCount"] = container.RestartCount,
        ["LogPath"] = "",
        ["Config"] = new JsonObject
        {
            ["Image"] = container.Image,
            ["Tty"] = container.Tty,
            ["Cmd"] = new JsonArray("sh", "-c", "sleep 3600"),
            ["Env"] = null,
            ["Labels"] = Labels(container),
        },
        ["HostConfig"] = new JsonObject { ["NetworkMode"] = "none", ["PortBindings"] = null },
        ["Mounts"] = new JsonArray(),
        ["NetworkSettings"] = new JsonObject { ["Networks"] = Networks(), ["Ports"] = Ports(container) },
    };

    private static string Status(FakeContainer container) => container.State switch
    {
        "running" => "Up 3 minutes" + (container.Health is null ? "" : $" ({container.Health})"),
        "paused" => "Up 3 minutes (Paused)",
        "exited" => string.Create(CultureInfo.InvariantCulture, $"Exited ({container.ExitCode}) 2 minutes ago"),
        "created" => "Created",
        var other => other,
    };

    private static JsonObject State(FakeContainer container)
    {
        var state = new JsonObject
        {
            ["Status"] = container.State,
            ["Running"] = container.IsRunning,
            ["Paused"] = container.State is "paused",
            ["Restarting"] = container.State is "restarting",
            ["OOMKilled"] = container.OomKilled,
            ["Dead"] = container.State is "dead",
            ["Pid"] = container.IsRunning ? container.Pid : 0,
            ["ExitCode"] = container.ExitCode,
            ["Error"] = "",
            ["StartedAt"] = container.State is "created" ? "0001-01-01T00:00:00Z" : container.StartedAt.ToString(),
            ["FinishedAt"] = container.FinishedAt?.ToString() ?? "0001-01-01T00:00:00Z",
        };
        if (container.Health is not null)
        {
            state["Health"] = new JsonObject { ["Status"] = container.Health, ["FailingStreak"] = 0, ["Log"] = null };
        }

        return state;
    }

    private static JsonObject Labels(FakeContainer container) =>
        new(container.Labels.Select(label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));

    private static JsonObject Networks() => new()
    {
        ["none"] = new JsonObject { ["NetworkID"] = new string('b', 64), ["IPAddress"] = "", ["IPPrefixLen"] = 0 },
    };

    private static JsonObject PortSummary(KeyValuePair<string, int?> port)
    {
        var (number, protocol) = Split(port.Key);
        var summary = new JsonObject { ["PrivatePort"] = number, ["Type"] = protocol };
        if (port.Value is { } published)
        {
            summary["IP"] = "0.0.0.0";
            summary["PublicPort"] = published;
        }

        return summary;
    }

    private static JsonObject Ports(FakeContainer container) => new(container.Ports.Select(port => KeyValuePair.Create(
        port.Key,
        (JsonNode?)(port.Value is { } published
            ? new JsonArray(new JsonObject { ["HostIp"] = "0.0.0.0", ["HostPort"] = $"{published}" })
            : null))));

    private static (int Number, string Protocol) Split(string port) => port.Split('/') is [var number, var protocol]
        ? (int.Parse(number, CultureInfo.InvariantCulture), protocol)
        : throw new ArgumentException($"a port is written 80/tcp, not {port}");
}
