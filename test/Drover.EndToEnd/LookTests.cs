using System.Globalization;
using System.Text.Json;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>What a person looks at: logs since a time, events as they come, the state right after an order.</summary>
public sealed class LookTests(SharedDockerEngine docker)
{
    [Fact]
    public async Task Logs_since_a_time_begin_there_and_bring_every_line_however_many_pages_that_takes()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var talk = await Workload.StartAsync(
            engine, "e2e-since", "i=0; while [ $i -lt 1200 ]; do i=$((i+1)); echo line $i; done");
        var up = await machine.UpAsync();
        await machine.AppearsAsync(talk.App, up);
        await machine.UntilAsync(
            async () => (await LinesAsync(machine, "-n", "1"))[^1] == "line 1200", "all lines are written", up);

        Assert.Equal(Numbered(1101, 1200), await LinesAsync(machine));
        Assert.Equal(Numbered(1, 1200), await LinesAsync(machine, "--since", "10m"));
        Assert.Equal(Numbered(1196, 1200), await LinesAsync(machine, "--since", "10m", "-n", "5"));

        var stamped = await LinesAsync(machine, "-t", "-n", "3");
        var second = stamped[1].Split(' ')[0];
        Assert.Equal(Numbered(1199, 1200), await LinesAsync(machine, "--since", second));

        var follow = machine.Start("logs", talk.App, "--follow", "--since", second);
        await follow.UntilAsync(one => one.Out.EndsWith("line 1200\n", StringComparison.Ordinal), "it catches up");
        Assert.Equal("line 1199\nline 1200\n", follow.Out);
        var few = machine.Start("logs", talk.App, "-n", "2", "--follow", "--since", "10m");
        await few.UntilAsync(one => one.Out.EndsWith("line 1200\n", StringComparison.Ordinal), "it begins");
        Assert.Equal("line 1199\nline 1200\n", few.Out);
    }

    [Fact]
    public async Task Events_are_followed_as_they_come_and_over_a_killed_server_each_is_told_once_in_order()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-events", "echo up");
        var up = await machine.UpAsync();
        await machine.AppearsAsync(web.App, up);
        var follow = machine.Start("events", "--follow", "-n", "1", "-o", "json");
        await follow.UntilAsync(one => one.Out.Contains('\n', StringComparison.Ordinal), "the follow has begun");

        (await machine.RunAsync("restart", web.App, "--timeout", "1s")).MustBe(0);
        await follow.UntilAsync(one => Count(one.Out, "command.completed") == 1, "the first restart is told");
        up.Signal("KILL");
        Assert.NotEqual(0, await up.ExitCodeAsync());
        await follow.UntilAsync(
            one => one.Error.Contains("connection lost", StringComparison.Ordinal), "the loss is told");
        await machine.UpAsync();
        (await machine.RunAsync("restart", web.App, "--timeout", "1s")).MustBe(0);
        await follow.UntilAsync(one => Count(one.Out, "command.completed") == 2, "the second restart is told");

        var told = follow.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Id).ToList();
        Assert.Equal(told.Distinct().Order(), told);
        var all = (await machine.RunAsync("events", "-o", "json", "-n", "1000")).MustBe(0).Json.EnumerateArray()
            .Select(one => Id(one.GetRawText())).SkipWhile(id => id < told[0]).TakeWhile(id => id <= told[^1]);
        Assert.Equal(all, told);
        follow.Signal("INT");
        Assert.Equal(130, await follow.ExitCodeAsync());
    }

    [Fact]
    public async Task Right_after_an_order_ended_ps_shows_the_new_state()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-fresh", "echo up");
        var up = await machine.UpAsync();
        await machine.AppearsAsync(web.App, up);

        for (var turn = 0; turn < 3; turn++)
        {
            (await machine.RunAsync("stop", web.App, "--timeout", "1s")).MustBe(0);
            Assert.Equal("exited", await StateAsync(machine, web.App));
            (await machine.RunAsync("start", web.App)).MustBe(0);
            Assert.Equal("running", await StateAsync(machine, web.App));
        }
    }

    [Fact]
    public async Task A_stop_of_what_is_stopped_and_a_start_of_what_runs_say_that_it_was_so_already()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-twice", "echo up");
        var up = await machine.UpAsync();
        await machine.AppearsAsync(web.App, up);

        var running = (await machine.RunAsync("start", web.App)).MustBe(0);
        Assert.Equal($"{web.App} on box was already running; nothing was done\n", running.Out);
        Assert.StartsWith($"stopped {web.App} on box in ", (await machine.RunAsync("stop", web.App)).Out);
        var stopped = (await machine.RunAsync("stop", web.App)).MustBe(0);
        Assert.Equal($"{web.App} on box was already stopped; nothing was done\n", stopped.Out);
        var json = (await machine.RunAsync("stop", web.App, "-o", "json")).MustBe(0).Json;
        Assert.False(json.GetProperty("result").GetProperty("changed").GetBoolean());
    }

    [Fact]
    public async Task An_app_with_several_containers_ends_with_6_and_their_names_and_a_container_settles_it()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var first = await Workload.StartAsync(engine, "e2e-many", "echo up", name: "e2e-many-1");
        await using var second = await Workload.StartAsync(engine, "e2e-many", "echo up", name: "e2e-many-2");
        var up = await machine.UpAsync();
        await machine.UntilAsync(
            async () => (await machine.RunAsync("ps")).Out.Split("e2e-many-").Length == 3, "both appear", up);

        var refused = (await machine.RunAsync("restart", "e2e-many")).MustBe(6);
        Assert.Contains("e2e-many-1, e2e-many-2", refused.Error, StringComparison.Ordinal);
        Assert.Contains("--container", refused.Error, StringComparison.Ordinal);
        (await machine.RunAsync("logs", "e2e-many")).MustBe(6);

        var unknown = (await machine.RunAsync("restart", "e2e-many", "--container", "zzz")).MustBe(5);
        Assert.Contains("\"e2e-many\" has no container \"zzz\"", unknown.Error, StringComparison.Ordinal);
        (await machine.RunAsync("restart", "e2e-many", "--container", "e2e-many-2", "--timeout", "1s")).MustBe(0);
    }

    [Fact]
    public async Task The_history_leaves_reads_out_and_says_so_and_all_shows_them()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-reads", "echo up");
        var up = await machine.UpAsync();
        await machine.AppearsAsync(web.App, up);
        (await machine.RunAsync("logs", web.App)).MustBe(0);

        var brief = (await machine.RunAsync("commands", "-o", "json")).MustBe(0);
        Assert.Equal(0, brief.Json.GetArrayLength());
        Assert.Contains(
            "1 read (logs, health, list) left out; --all shows them", brief.Error, StringComparison.Ordinal);
        var all = (await machine.RunAsync("commands", "--all", "-o", "json")).MustBe(0).Json;
        Assert.Equal("logs", Assert.Single(all.EnumerateArray()).GetProperty("type").GetString());
    }

    private static async Task<string[]> LinesAsync(Machine machine, params string[] options) =>
        (await machine.RunAsync(["logs", "e2e-since", .. options])).MustBe(0).Out
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Numbered(int first, int last) =>
        Enumerable.Range(first, last - first + 1).Select(number => $"line {number}");

    private static int Count(string text, string what) => text.Split(what).Length - 1;

    private static async Task<string?> StateAsync(Machine machine, string app) =>
        (await machine.PsAsync())[app].GetProperty("state").GetString();

    private static long Id(string line)
    {
        var id = JsonDocument.Parse(line).RootElement.GetProperty("id");
        return id.ValueKind == JsonValueKind.Number
            ? id.GetInt64()
            : long.Parse(id.GetString()!, CultureInfo.InvariantCulture);
    }
}
