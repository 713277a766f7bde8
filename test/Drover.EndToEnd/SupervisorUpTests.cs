using System.Diagnostics;
using System.Text.Json;

namespace Drover.EndToEnd;

/// <summary><c>drover up</c> with a supervisor's section: alone, and beside the server its events go to.</summary>
public sealed class SupervisorUpTests
{
    private const string Components = """
        supervisor:
          components:
            worker: { command: [sleep, "1000"], min_uptime: 0 }
        """;

    [Fact]
    public async Task A_file_with_a_supervisor_alone_keeps_its_components_and_opens_no_port()
    {
        await using var machine = new Machine().WithConfiguration(Components);
        var up = machine.Start("up");
        await up.UntilAsync(one => one.Out.Contains("Next, in another terminal", StringComparison.Ordinal), "it is up");
        Assert.Contains(": supervisor\n", up.Out, StringComparison.Ordinal);
        Assert.Contains("components      worker", up.Out, StringComparison.Ordinal);
        var pid = await RunningAsync(machine, up);

        (await machine.RunAsync("hosts")).MustBe(3);
        Assert.False(Directory.Exists(Path.Combine(machine.Data, "supervisor", "uplink")));

        up.Signal("TERM");
        Assert.Equal(0, await up.ExitCodeAsync());
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task Beside_a_server_its_events_are_there_at_once_and_stopping_it_stops_it_alone()
    {
        await using var machine = new Machine();
        machine.WithConfiguration(
            $"server:\n  listen: 127.0.0.1:{machine.Port}\n  heartbeat_interval: 1s\nhost_agent:\n  name: box\n"
                + Components);
        var up = machine.Start("up");
        var pid = await RunningAsync(machine, up);
        Process.GetProcessById(pid).Kill();
        await machine.UntilAsync(
            async () => (await EventsAsync(machine)).Contains("component.started 2"), "the next instance is told", up);

        Assert.Equal(
            ["component.started 1", "component.exited 1", "component.started 2"],
            (await EventsAsync(machine)).Where(one => !one.StartsWith("restart", StringComparison.Ordinal)
                && !one.StartsWith("component.ready", StringComparison.Ordinal)));
        await machine.UntilAsync(async () => await StateAsync(machine) == "live", "the supervisor is live", up);
        var hosts = (await machine.RunAsync("hosts")).MustBe(0).Out;
        Assert.Contains("box-supervisor  supervisor  live", hosts, StringComparison.Ordinal);

        (await machine.RunAsync("supervisor", "stop")).MustBe(0);
        await machine.UntilAsync(async () => await StateAsync(machine) == "goodbye", "its goodbye is heard", up);
        Assert.StartsWith("component.stopped ", (await EventsAsync(machine))[^1], StringComparison.Ordinal);
        Assert.False(up.HasExited);

        up.Signal("TERM");
        Assert.Equal(0, await up.ExitCodeAsync());
    }

    private static async Task<int> RunningAsync(Machine machine, DroverProcess up)
    {
        var pid = 0;
        await machine.UntilAsync(
            async () =>
            {
                var status = await machine.RunAsync("supervisor", "status", "-o", "json");
                var worker = status.Code == 0 ? status.Json.GetProperty("components")[0] : default;
                return worker.ValueKind is JsonValueKind.Object
                    && worker.GetProperty("state").GetString() == "running"
                    && worker.TryGetProperty("pid", out var found) && found.TryGetInt32(out pid);
            },
            "the worker runs",
            up);
        return pid;
    }

    private static async Task<string?> StateAsync(Machine machine) =>
        (await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Json.EnumerateArray()
            .Where(host => host.GetProperty("kind").GetString() == "supervisor")
            .Select(host => host.GetProperty("state").GetString())
            .SingleOrDefault();

    private static async Task<List<string>> EventsAsync(Machine machine)
    {
        var told = await machine.RunAsync(
            "events", "-n", "500", "--type", "component.*", "--type", "restart.*", "-o", "json");
        return told.Code != 0
            ? []
            :
            [
                .. told.Json.EnumerateArray()
                    .Where(one => one.GetProperty("source").GetString() == "/supervisors/box-supervisor")
                    .Select(one => $"{one.GetProperty("type").GetString()} {InstanceOf(one)}"),
            ];
    }

    private static long InstanceOf(JsonElement one) =>
        one.GetProperty("data").TryGetProperty("instance", out var instance) ? instance.GetInt64() : 0;
}
