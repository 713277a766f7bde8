using System.Diagnostics;
using System.Text.Json;

namespace Drover.EndToEnd;

/// <summary>The verbs of the supervisor on the published file, from the first start to the last stop.</summary>
public sealed class SupervisorVerbTests
{
    private const string Components = """
        supervisor:
          components:
            worker: { command: [sh, -c, "echo worker is up; exec sleep 1000"], depends_on: { api: ready } }
            api: { command: [sh, -c, "echo api is up; exec sleep 1000"], min_uptime: 0, liveness: { process: true } }
            once: { command: "true", restart: on-failure }
        """;

    [Fact]
    public async Task A_person_starts_looks_kills_reloads_and_stops()
    {
        await using var machine = new Machine().WithConfiguration(Components);
        try
        {
            (await machine.RunAsync("supervisor", "start", "--wait", "60s")).MustBe(0);
            var again = (await machine.RunAsync("supervisor", "start", "--wait", "60s")).MustBe(0);
            Assert.Contains("ran already", again.Error, StringComparison.Ordinal);

            var text = (await machine.RunAsync("supervisor", "status")).MustBe(0).Out;
            Assert.StartsWith(
                "Drover Status:\n─────────────────────────────────────\nWorker:\n"
                    + "  Status:   ✓ Running\n  Health:   ✓ Healthy\n  PID:      ",
                text,
                StringComparison.Ordinal);
            Assert.Contains("Once:\n  Status:   ○ Completed\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\x1b', text);

            var before = Pid(await StatusAsync(machine, 0), "api");
            Process.GetProcessById(before).Kill();
            await machine.UntilAsync(
                async () => Find(await StatusAsync(machine, 0), "api") is var api
                    && api.GetProperty("state").GetString() == "running"
                    && api.GetProperty("pid").GetInt32() != before,
                "the next instance runs");
            var history = (await machine.RunAsync("supervisor", "history", "api", "-o", "json")).MustBe(0).Json;
            Assert.Equal("signal", history[0].GetProperty("cause").GetString());
            Assert.Contains(
                "was ended by SIGKILL",
                (await machine.RunAsync("supervisor", "history")).MustBe(0).Out,
                StringComparison.Ordinal);

            var logs = (await machine.RunAsync("supervisor", "logs", "--all")).MustBe(0).Out.Split('\n');
            Assert.Contains("api    | api is up", logs);
            Assert.Contains("worker | worker is up", logs);
            Assert.Equal("api is up\n", (await machine.RunAsync("supervisor", "logs", "api", "-n", "1")).MustBe(0).Out);

            (await machine.RunAsync("supervisor", "stop", "worker")).MustBe(0);
            Assert.Equal("stopped", Find(await StatusAsync(machine, 0), "worker").GetProperty("state").GetString());

            machine.WithConfiguration("supervisor:\n  components:\n    api: { comand: a }\n");
            Assert.Contains(
                "did you mean \"command\"?",
                (await machine.RunAsync([], "supervisor", "reload")).MustBeRefused(),
                StringComparison.Ordinal);
            Assert.Contains(
                "Worker:", (await machine.RunAsync("supervisor", "status")).MustBe(0).Out, StringComparison.Ordinal);
            machine.WithConfiguration(
                Components + "\n    late: { command: [sleep, \"1000\"] }\n");
            var reloaded = (await machine.RunAsync("supervisor", "reload")).MustBe(0).Out;
            Assert.Contains("started: late", reloaded, StringComparison.Ordinal);
            (await machine.RunAsync("supervisor", "stop")).MustBe(0);
        }
        finally
        {
            await machine.WithConfiguration(Components).RunAsync("supervisor", "stop");
        }

        var rest = await StatusAsync(machine, 3);
        Assert.All(rest.EnumerateArray(), one => Assert.Equal("stopped", one.GetProperty("state").GetString()));
        Assert.Contains(
            "No supervisor runs", (await machine.RunAsync("supervisor", "status")).Error, StringComparison.Ordinal);
        (await machine.RunAsync("supervisor", "stop")).MustBe(3);
    }

    [Fact]
    public async Task In_the_foreground_it_ends_with_its_components_at_the_first_signal()
    {
        await using var machine = new Machine().WithConfiguration(Components);
        var run = machine.Start("supervisor", "run");
        await run.UntilAsync(
            one => one.Out.Contains("keeps 3 components", StringComparison.Ordinal), "the supervisor answers");
        await machine.UntilAsync(
            async () => Find(await StatusAsync(machine, 0), "worker").GetProperty("state").GetString() == "running",
            "the worker runs",
            run);
        var pid = Pid(await StatusAsync(machine, 0), "worker");

        run.Signal("TERM");

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.False(Directory.Exists($"/proc/{pid}"));
    }

    [Fact]
    public async Task Of_two_starts_at_once_both_end_well_and_one_supervisor_runs()
    {
        await using var machine = new Machine().WithConfiguration(Components);
        try
        {
            var starts = await Task.WhenAll(
                machine.RunAsync("supervisor", "start", "--wait", "60s"),
                machine.RunAsync("supervisor", "start", "--wait", "60s"));

            Assert.All(starts, start => start.MustBe(0));
            Assert.Contains("runs in the background", starts[0].Error + starts[1].Error, StringComparison.Ordinal);
            Assert.Contains("ran already", starts[0].Error + starts[1].Error, StringComparison.Ordinal);
        }
        finally
        {
            (await machine.RunAsync("supervisor", "stop")).MustBe(0);
        }
    }

    [Fact]
    public async Task Mistakes_are_told_with_the_exit_code_that_the_reference_gives_them()
    {
        await using var machine = new Machine().WithConfiguration(Components);
        (await machine.RunAsync("supervisor", "restart")).MustBe(3);
        (await machine.RunAsync("supervisor", "start", "--config", "/no/such.yaml")).MustBe(8);
        (await machine.RunAsync("supervisor", "start", "wroker")).MustBe(5);
        (await machine.RunAsync("supervisor", "statsu")).MustBe(2);
        (await machine.RunAsync("supervisor", "status", "--watch")).MustBe(3);
        try
        {
            (await machine.RunAsync("supervisor", "start", "--wait", "60s")).MustBe(0);

            Assert.Contains(
                "did you mean \"worker\"?",
                (await machine.RunAsync("supervisor", "restart", "wroker")).MustBe(5).Error,
                StringComparison.Ordinal);
            (await machine.RunAsync("supervisor", "run")).MustBe(9);
            machine.WithConfiguration("supervisor:\n  components:\n    bad: { command: /no/such/program }\n");
            (await machine.RunAsync("supervisor", "reload")).MustBe(0);
            (await machine.RunAsync("supervisor", "restart", "bad")).MustBe(1);
        }
        finally
        {
            (await machine.RunAsync("supervisor", "stop")).MustBe(0);
        }
    }

    private static async Task<JsonElement> StatusAsync(Machine machine, int code) =>
        (await machine.RunAsync("supervisor", "status", "-o", "json")).MustBe(code).Json.GetProperty("components");

    private static JsonElement Find(JsonElement components, string name) =>
        components.EnumerateArray().First(one => one.GetProperty("name").GetString() == name);

    private static int Pid(JsonElement components, string name) => Find(components, name).GetProperty("pid").GetInt32();
}
