using System.Text.Json;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>Killed at the worst moments of an order: it happens at most once, and its outcome is recorded.</summary>
public sealed class KillTests(SharedDockerEngine docker)
{
    // Says so each time it is started, and makes whoever stops it wait for the kill.
    private const string Stubborn = "echo born; trap '' TERM";

    [Fact]
    public async Task Up_that_is_killed_while_a_restart_runs_tells_it_as_interrupted_and_never_does_it_again()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-cut", Stubborn);
        var up = await machine.UpAsync();
        await machine.AppearsAsync(web.App, up);
        var waiting = machine.Start("restart", web.App, "--timeout", "4s");
        await machine.UntilAsync(
            async () => await StatusAsync(machine) is "executing", "the restart has begun", up);

        up.Signal("KILL");
        Assert.NotEqual(0, await up.ExitCodeAsync());
        await machine.UpAsync();

        // Who waited for it rides over the kill and learns it too.
        Assert.Equal(1, await waiting.ExitCodeAsync());
        Assert.Contains("cannot say what came of restart", waiting.Error, StringComparison.Ordinal);
        var restart = Assert.Single(await HistoryAsync(machine));
        Assert.Equal("failed", restart.GetProperty("status").GetString());
        Assert.Equal("interrupted", restart.GetProperty("errors")[0].GetProperty("code").GetString());

        // The engine may have carried out what it was asked before the kill, and nobody asked it again.
        await machine.UntilAsync(
            async () => (await machine.PsAsync())[web.App].GetProperty("state").GetString() is "running" or "exited",
            "the container rests");
        Assert.InRange(await web.CountAsync("born"), 1, 2);
    }

    [Fact]
    public async Task A_restart_that_was_queued_when_its_server_was_killed_is_executed_once_after_the_next_start()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-queued", "echo born");
        var up = await machine.UpAsync();
        await machine.AppearsAsync(web.App, up);
        up.Signal("TERM");
        Assert.Equal(0, await up.ExitCodeAsync());

        // The server alone: nobody takes the order, and the person at the terminal sees that.
        var server = await machine.ServerAsync();
        var (code, shown) = await machine.RunOnTerminalAsync("restart", web.App, "--timeout", "1s", "--wait", "2s");
        Assert.Equal(7, code);
        Assert.Contains("queued, waiting for the host to take it", shown, StringComparison.Ordinal);
        Assert.Contains("it is still queued", shown, StringComparison.Ordinal);
        Assert.Equal("queued", await StatusAsync(machine));
        server.Signal("KILL");
        Assert.NotEqual(0, await server.ExitCodeAsync());

        await machine.UpAsync();

        await machine.UntilAsync(
            async () => await StatusAsync(machine) is "completed", "the restart that was queued is completed");
        Assert.Single(await HistoryAsync(machine));
        Assert.Equal(2, await web.CountAsync("born"));
    }

    private static async Task<string?> StatusAsync(Machine machine) =>
        (await HistoryAsync(machine)).Select(one => one.GetProperty("status").GetString()).SingleOrDefault();

    private static async Task<List<JsonElement>> HistoryAsync(Machine machine) =>
        [.. (await machine.RunAsync("commands", "-o", "json")).MustBe(0).Json.EnumerateArray()];
}
