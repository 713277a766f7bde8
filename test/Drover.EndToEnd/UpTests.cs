using System.Diagnostics;
using Drover.EndToEnd.Delivery;
using Drover.Testing.Docker;

namespace Drover.EndToEnd;

/// <summary>
/// The main job: see this host's containers live and order one restarted, with the published file and a real engine.
/// </summary>
public sealed class UpTests(SharedDockerEngine docker)
{
    [Fact]
    public async Task A_new_host_comes_online_and_its_containers_appear_and_one_is_restarted_by_name()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web =
            await Workload.StartAsync(engine, "e2e-web", "for i in 1 2 3; do echo line $i password=hunter2; done");

        var clock = Stopwatch.StartNew();
        var up = await machine.UpAsync();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(15), $"drover up took {clock.Elapsed} to its first live host");
        Assert.Contains(machine.Address, up.Out, StringComparison.Ordinal);
        Assert.Contains(machine.Data, up.Out, StringComparison.Ordinal);
        Assert.Contains("DROVER_DATA_DIR", up.Out, StringComparison.Ordinal);

        await machine.UntilAsync(
            async () => (await machine.PsAsync()).ContainsKey(web.App), "the container appears", up);
        var before = (await machine.PsAsync())[web.App];
        Assert.Equal("running", before.GetProperty("state").GetString());

        var restarted =
            (await machine.RunAsync("restart", web.App, "--reason", "end to end", "--timeout", "1s")).MustBe(0);
        Assert.StartsWith($"restarted {web.App} on box in ", restarted.Out, StringComparison.Ordinal);
        await machine.UntilAsync(
            async () =>
                (await machine.PsAsync())[web.App].GetProperty("startedAt").GetString()
                    != before.GetProperty("startedAt").GetString(),
            "ps shows the new start",
            up);

        var history = (await machine.RunAsync("commands", "-o", "json")).MustBe(0).Json.EnumerateArray().ToList();
        var command = Assert.Single(history, one => one.GetProperty("type").GetString() == "restart");
        Assert.Equal("completed", command.GetProperty("status").GetString());
        Assert.Equal("end to end", command.GetProperty("metadata").GetProperty("reason").GetString());

        var events = (await machine.RunAsync("events", "-o", "json", "-n", "200")).MustBe(0).Json.EnumerateArray()
            .Select(one => one.GetProperty("type").GetString()).ToList();
        Assert.Contains("host.enrolled", events);
        Assert.Contains("command.completed", events);
    }

    [Fact]
    public async Task What_up_tells_people_to_type_next_works_in_another_terminal_as_it_is_printed()
    {
        await using var machine = new Machine(await docker.GetAsync());
        var up = await machine.UpAsync();
        const string Watch = " --watch";
        var next = up.Out.Split('\n').Single(line => line.EndsWith($"ps{Watch}", StringComparison.Ordinal)).Trim();

        var (code, said) = await Tool.RunAsync(
            new Dictionary<string, string> { ["DROVER_DATA_DIR"] = "" },
            ["bash", "-c", $"cd '{machine.Folder}' && {next[..^Watch.Length]}"],
            TestContext.Current.CancellationToken);

        Assert.True(code == 0, $"`{next}` ended with {code}:\n{said}");
        Assert.StartsWith("APP ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_come_redacted_and_a_follow_prints_what_is_written_next()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var chatty = await Workload.StartAsync(
            engine,
            "e2e-chatty",
            "i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo tick $i password=hunter2; echo oops $i >&2; usleep 200000; "
                + "done");
        var up = await machine.UpAsync();
        await machine.UntilAsync(
            async () => (await machine.PsAsync()).ContainsKey(chatty.App), "the container appears", up);

        var page = (await machine.RunAsync("logs", chatty.App, "-n", "5", "--stream", "stdout")).MustBe(0);
        Assert.InRange(page.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 1, 5);
        Assert.All(
            page.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.StartsWith("tick ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("hunter2", page.Out, StringComparison.Ordinal);

        var follow = machine.Start("logs", chatty.App, "--follow", "-n", "1");
        await follow.UntilAsync(one => one.Out.Split("tick").Length > 4, "the follow prints new lines");
        Assert.DoesNotContain("hunter2", follow.Out, StringComparison.Ordinal);
        follow.Signal("INT");
        Assert.Equal(130, await follow.ExitCodeAsync());
    }

    [Fact]
    public async Task Stop_and_start_wait_for_the_outcome_and_a_watch_sees_both()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-stops", "echo up");
        var up = await machine.UpAsync();
        await machine.UntilAsync(
            async () => (await machine.PsAsync()).ContainsKey(web.App), "the container appears", up);
        var watch = machine.Start("ps", "--watch");
        await watch.UntilAsync(one => one.Out.Contains($"{web.App} ", StringComparison.Ordinal), "the watch shows it");

        (await machine.RunAsync("stop", web.App, "--timeout", "1s")).MustBe(0);
        await watch.UntilAsync(
            one => one.Out.Contains("exited (", StringComparison.Ordinal), "the watch shows the stop");
        (await machine.RunAsync("start", web.App)).MustBe(0);
        await machine.UntilAsync(
            async () => (await machine.PsAsync())[web.App].GetProperty("state").GetString() == "running",
            "it runs again",
            up);
        Assert.False(watch.HasExited);
    }

    [Fact]
    public async Task Killed_and_started_again_it_is_the_same_host_and_nothing_is_lost()
    {
        var engine = await docker.GetAsync();
        await using var machine = new Machine(engine);
        await using var web = await Workload.StartAsync(engine, "e2e-killed", "echo up");
        var up = await machine.UpAsync();
        await machine.UntilAsync(
            async () => (await machine.PsAsync()).ContainsKey(web.App), "the container appears", up);
        (await machine.RunAsync("restart", web.App, "--timeout", "1s")).MustBe(0);
        var host = (await machine.RunAsync("hosts", "-o", "json")).Json[0].GetProperty("host_id").GetString();

        up.Signal("KILL");
        Assert.NotEqual(0, await up.ExitCodeAsync());
        await machine.UpAsync();

        var hosts = (await machine.RunAsync("hosts", "-o", "json")).MustBe(0).Json;
        Assert.Equal(1, hosts.GetArrayLength());
        Assert.Equal(host, hosts[0].GetProperty("host_id").GetString());
        var history = (await machine.RunAsync("commands", "-o", "json")).MustBe(0).Json.EnumerateArray().ToList();
        Assert.Contains(
            history,
            one => one.GetProperty("type").GetString() == "restart"
                && one.GetProperty("status").GetString() == "completed");
    }
}
