using System.Text.Json;
using Drover.Testing.Docker;

namespace Drover.EndToEnd.Delivery;

/// <summary>
/// <c>drover backup</c> and <c>drover restore</c> of a published server that loses its data directory.
/// </summary>
public sealed class BackupTests(SharedDockerEngine docker)
{
    [Fact]
    public async Task After_the_data_directory_is_destroyed_the_host_goes_on_and_nothing_is_executed_twice()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "backup-web", "echo up");
        machine.WithConfiguration($"server:\n  listen: 127.0.0.1:{machine.Port}\n  heartbeat_interval: 1s\n");
        var server = await ServeAsync(machine);
        var agent = await JoinAsync(machine);
        await machine.UntilAsync(async () => (await machine.PsAsync()).ContainsKey(web.App), "the app is seen", agent);

        // Ordered while the agent is away, so that the backup holds it as queued.
        agent.Signal("TERM");
        await agent.ExitCodeAsync();
        (await machine.RunAsync("restart", web.App, "--wait", "0", "--timeout", "1s")).MustBe(0);
        var archive = (await machine.RunAsync("backup", machine.Folder, "-o", "json")).MustBe(0)
            .Json.GetProperty("file").GetString()!;
        agent = StartAgent(machine);
        await machine.UntilAsync(async () => await StateAsync(machine) == "completed", "it is executed", agent);
        var executed = await StartedAsync(engine, web);
        var seen = (await machine.RunAsync("events", "-o", "json", "-n", "1")).MustBe(0).Json[0];

        server.Signal("KILL");
        await server.ExitCodeAsync();
        Directory.Delete(machine.Data, recursive: true);
        var restored = (await machine.RunAsync("restore", archive, "-o", "json")).MustBe(0).Json;
        server = await ServeAsync(machine);

        Assert.Equal(1, restored.GetProperty("hosts").GetInt32());
        Assert.Equal(1, restored.GetProperty("commands_left").GetInt32());
        await machine.UntilAsync(async () => await IsLiveAsync(machine), "the host is live without enrolling", agent);
        await machine.UntilAsync(
            async () => await StateAsync(machine) == "completed", "the host's journal answers for the command", agent);
        Assert.Equal(executed, await StartedAsync(engine, web));
        Assert.Single((await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Json.EnumerateArray());
        var events = (await machine.RunAsync("events", "-o", "json", "-n", "200")).MustBe(0).Json.EnumerateArray()
            .ToList();
        Assert.Contains(
            events, one => one.GetProperty("type").GetString() == "server.restored" && IdOf(one) > IdOf(seen));
        (await machine.RunAsync("audit", "verify")).MustBe(0);
    }

    [Fact]
    public async Task Up_on_a_machine_that_lost_its_data_is_the_same_host_after_a_restore()
    {
        await using var machine = new Machine(await docker.GetAsync());
        var up = await machine.UpAsync();
        var before = (await machine.RunAsync("hosts", "-o", "json")).Json[0].GetProperty("host_id").GetString();
        var archive = Path.Combine(machine.Folder, "b.tar.gz");
        (await machine.RunAsync("backup", archive)).MustBe(0);
        up.Signal("KILL");
        await up.ExitCodeAsync();
        Directory.Delete(machine.Data, recursive: true);

        (await machine.RunAsync("restore", archive)).MustBe(0);
        await machine.UpAsync();

        var hosts = (await machine.RunAsync("hosts", "-o", "json")).Json;
        Assert.Equal([before], hosts.EnumerateArray().Select(host => host.GetProperty("host_id").GetString()));
    }

    [Fact]
    public async Task What_cannot_be_done_is_said_with_its_exit_code()
    {
        await using var machine = new Machine();
        machine.WithConfiguration($"server:\n  listen: 127.0.0.1:{machine.Port}\n");
        (await machine.RunAsync("backup", machine.Folder)).MustBe(5);
        await ServeAsync(machine);
        var archive = Path.Combine(machine.Folder, "b.tar.gz");
        (await machine.RunAsync("backup", archive)).MustBe(0);

        var twice = (await machine.RunAsync("backup", archive)).MustBe(1);
        Assert.Contains("already", twice.Error, StringComparison.Ordinal);
        var running = (await machine.RunAsync("restore", archive)).MustBe(9);
        Assert.Contains("stop it", running.Error, StringComparison.Ordinal);
        (await machine.RunAsync("restore", archive, "--check")).MustBe(0);
        (await machine.RunAsync("restore", Path.Combine(machine.Folder, "nowhere"))).MustBe(5);
        (await machine.RunAsync("restore", "--check", Path.Combine(machine.Folder, "drover.yaml"))).MustBe(1);
        (await machine.RunAsync([("DROVER_SERVER", machine.Address)], "backup", machine.Folder)).MustBe(2);
    }

    private static long IdOf(JsonElement one) => long.Parse(one.GetProperty("id").GetString()!);

    private static async Task<DroverProcess> ServeAsync(Machine machine)
    {
        var server = machine.Start("server");
        await server.UntilAsync(one => one.Out.Contains("listens on", StringComparison.Ordinal), "the server listens");
        return server;
    }

    private static async Task<DroverProcess> JoinAsync(Machine machine)
    {
        var file = Path.Combine(machine.Folder, "token");
        (await machine.RunAsync("token", "create", "--file", file)).MustBe(0);
        (await machine.RunAsync(
            [Elsewhere(machine), ("DROVER_ENROLL_TOKEN_FILE", file)],
            "host-agent", "--once", "--server", machine.Address)).MustBe(0);
        var agent = StartAgent(machine);
        await machine.UntilAsync(async () => await IsLiveAsync(machine), "the host is live", agent);
        return agent;
    }

    private static DroverProcess StartAgent(Machine machine) => machine.Start([Elsewhere(machine)], "host-agent");

    private static (string Name, string Value) Elsewhere(Machine machine) =>
        ("DROVER_DATA_DIR", Path.Combine(machine.Folder, "agent-data"));

    private static async Task<bool> IsLiveAsync(Machine machine) =>
        (await machine.RunAsync("hosts", "-o", "json")) is { Code: 0 } hosts
        && hosts.Json.EnumerateArray().Any(host => host.GetProperty("state").GetString() == "live");

    private static async Task<string?> StateAsync(Machine machine) =>
        (await machine.RunAsync("commands", "-o", "json")).MustBe(0).Json.EnumerateArray()
            .Single(one => one.GetProperty("type").GetString() == "restart")
            .GetProperty("status").GetString();

    private static async Task<string?> StartedAsync(DockerEngine engine, Workload web)
    {
        var found = await engine.Client.Containers.InspectAsync(web.App, TestContext.Current.CancellationToken);
        return found.State?.StartedAt?.ToString();
    }
}
