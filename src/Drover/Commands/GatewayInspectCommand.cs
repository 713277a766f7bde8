using System.CommandLine;
using System.Globalization;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Gateway;

namespace Drover.Commands;

/// <summary><c>drover gateway inspect</c>: all that is known of one agent.</summary>
internal static class GatewayInspectCommand
{
    private const int Indent = 16;

    public static Command Create(VerbContext verbs)
    {
        var agent = GatewayAgentArgument.Create(verbs);
        var output = SharedOptions.Output();
        var command = new Command(
            "inspect", "Show one agent: its state, what is open to it, its settings and every hostname it has.")
        {
            agent, output,
        };
        GatewayLink.Run(verbs, command, async (parsed, client, cancellationToken) =>
        {
            var found = await client.GetAgentAsync(parsed.GetValue(agent)!, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteOne(verbs.Screen, found, WireJson.Default.GatewayAgentDetailDto);
                return ExitCode.Ok;
            }

            Show(verbs, found);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(VerbContext verbs, GatewayAgentDetailDto agent)
    {
        var screen = verbs.Screen;
        var now = verbs.Now;
        Line(screen, "agent", agent.Name);
        var since = agent.Since is { } at ? $" for {TimeText.Age(at, now)}" : "";
        Line(
            screen,
            "state",
            screen.OutPaint.Apply(GatewayAgentTable.ToneOf(agent), GatewayAgentTable.StateOf(agent)) + since);
        Line(screen, "reason", Text(agent.Reason));
        Line(screen, "ready by", agent.ReadyBy is { } ready ? TimeText.Clock(ready, TimeZoneInfo.Local) : null);
        Line(screen, "policy", agent.Policy);
        Line(screen, "service", agent.Service is { } service ? $"{service}:{agent.Settings.Port}" : null);
        Line(screen, "address", agent.Address);
        Line(screen, "open", Open(agent.Connections));
        Line(
            screen,
            "idle",
            agent.IdleSeconds is { } idle ? DurationText.Format(TimeSpan.FromSeconds(idle)) : "no, something is open");
        Settings(screen, agent.Settings);
        Swarm(screen, agent.Swarm);
        screen.Out.WriteLine();
        GatewayRoutesCommand.Build(agent.Routes, now).Write(screen);
    }

    private static void Settings(Screen screen, GatewayAgentSettingsDto settings)
    {
        Line(screen, "protocol", settings.Protocol);
        Line(screen, "status path", settings.StatusPath);
        if (settings.Health is { } health)
        {
            Line(
                screen,
                "health",
                $"{health.Path ?? "a TCP connection"}{(health.Port is { } port ? $" on port {port}" : "")} every "
                    + $"{health.Period} within {health.Timeout}, degraded after {health.FailureThreshold} failures");
        }

        if (settings.OnDemand is { } wake)
        {
            Line(
                screen,
                "wake",
                $"within {wake.StartupTimeout}; requests wait {wake.HoldWait}, {wake.HoldMost} at most");
            Line(
                screen,
                "sleep",
                $"after {wake.IdleTimeout}, drains for {wake.DrainTimeout}, "
                    + (wake.Websockets == "open" ? "open WebSockets" : "messages of WebSockets") + " keep it awake");
            Line(screen, "doze", wake.Doze is { } doze ? $"after {doze}" : "never");
            Line(screen, "pinned", wake.Pinned ? "yes" : null);
            Line(screen, "memory", wake.Memory is { } memory ? SizeText.Format(memory) : null);
        }

        Line(screen, "largest body", settings.MaxBody is { } most ? SizeText.Format(most) : null);
        Line(
            screen,
            "timeouts",
            $"connect {settings.ConnectTimeout}, response {settings.ResponseTimeout}, idle {settings.IdleTimeout}");
    }

    private static void Swarm(Screen screen, GatewaySwarmServiceDto? swarm)
    {
        if (swarm is null)
        {
            return;
        }

        Line(
            screen,
            "swarm",
            swarm.ServiceId is null ? "there is no such service"
                : string.Create(CultureInfo.InvariantCulture, $"{swarm.Replicas} wanted, service {swarm.ServiceId}"));
        Line(screen, "", swarm.Reachable ? null : "the Docker Engine does not answer; this is of before");
        foreach (var task in swarm.Tasks)
        {
            var phase = task.Frozen ? "frozen" : task.Phase;
            var place = task.Local ? "here" : "elsewhere";
            var why = task.Error is { } error ? $": {Paint.OneLine(error)}" : "";
            var code = task.ExitCode is { } exit ? FormattableString.Invariant($", exit code {exit}") : "";
            Line(screen, "task", $"{task.TaskId} {phase} {place} {task.Address ?? "without an address"}{code}{why}");
        }
    }

    private static string Open(GatewayConnectionsDto open)
    {
        (string What, int Count)[] kinds =
        [
            ("HTTP", open.Http), ("events", open.Events), ("gRPC", open.Grpc), ("WebSocket", open.Websocket),
        ];
        var parts = kinds.Where(kind => kind.Count > 0)
            .Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Count} {kind.What}"))
            .ToList();
        var text = parts.Count == 0 ? "nothing" : string.Join(", ", parts);
        return open.Fenced ? $"{text}; nothing new is let in" : text;
    }

    private static string? Text(string? text) => text is null ? null : Paint.OneLine(text);

    private static void Line(Screen screen, string name, string? value)
    {
        if (value is not null)
        {
            screen.Out.WriteLine($"{screen.OutPaint.Apply(Tone.Dim, name.PadRight(Indent))}{value}");
        }
    }
}
