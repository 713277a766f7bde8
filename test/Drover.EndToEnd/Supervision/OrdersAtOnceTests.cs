using System.Text.Json;

namespace Drover.EndToEnd.Supervision;

/// <summary>Orders that meet each other, and a reload that counts at once, on the published file.</summary>
public sealed class OrdersAtOnceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stop_in_the_midst_of_a_restart_says_that_nothing_runs_and_nothing_does()
    {
        await using var machine = new SupervisedMachine(
            """
            a: { command: [sh, -c, "echo $$ >> a.pids; trap 'sleep 5; exit 0' TERM; while :; do sleep 0.1; done"] }
            b: { command: [sh, -c, "echo $$ >> b.pids; exec sleep 1000"] }
            """);
        (await machine.StartAsync()).MustBe(0);
        var restart = machine.RunAsync("supervisor", "restart");
        await machine.UntilAsync(
            async () => Is(await machine.StatusAsync("a"), "stopping"), "the restart ends what runs");

        var stopped = (await machine.RunAsync("supervisor", "stop")).MustBe(0);

        Assert.Contains("nothing of its components runs", stopped.Error, StringComparison.Ordinal);
        Assert.Empty(Alive(machine, "a"));
        Assert.Empty(Alive(machine, "b"));
        await restart;
        Assert.Empty(Alive(machine, "a"));
        Assert.Empty(Alive(machine, "b"));
    }

    [Fact]
    public async Task A_probe_that_a_reload_changed_is_obeyed_and_shown_without_a_restart()
    {
        await using var machine = new SupervisedMachine(Web("first"));
        await File.WriteAllTextAsync(Path.Combine(machine.Folder, "first"), "", Token);
        (await machine.StartAsync()).MustBe(0);
        var pid = (await machine.StatusAsync("web")).GetProperty("pid").GetInt32();

        machine.Write(Web("second"));
        (await machine.RunAsync("supervisor", "reload")).MustBe(0);
        await machine.UntilAsync(
            async () => Is(await machine.StatusAsync("web"), "unhealthy"), "the new probe finds nothing");
        var unready = await machine.StatusAsync("web");
        Assert.Contains("second", unready.GetProperty("probes")[0].GetProperty("target").GetString());
        Assert.False(unready.GetProperty("ready").GetBoolean());

        await File.WriteAllTextAsync(Path.Combine(machine.Folder, "second"), "", Token);
        await machine.UntilAsync(
            async () => Is(await machine.StatusAsync("web"), "running"), "the new probe finds its file");
        Assert.Equal(pid, (await machine.StatusAsync("web")).GetProperty("pid").GetInt32());
    }

    private static string Web(string file) =>
        "web: { command: [sleep, \"1000\"], readiness: { file: { path: " + file + " }, period: 1s } }";

    private static bool Is(JsonElement component, string state) =>
        component.GetProperty("state").GetString() == state;

    private static List<string> Alive(SupervisedMachine machine, string component) =>
    [
        .. File.ReadAllLines(Path.Combine(machine.Folder, component + ".pids"))
            .Where(pid => Directory.Exists($"/proc/{pid}")),
    ];
}
