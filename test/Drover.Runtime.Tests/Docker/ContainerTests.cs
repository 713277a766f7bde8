using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>Containers of a real engine through their life.</summary>
public sealed class ContainerTests(SharedDockerEngine shared)
{
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_is_created_started_stopped_and_removed_and_repeating_a_step_is_no_error()
    {
        var engine = await shared.GetAsync();
        var containers = engine.Client.Containers;
        var id = await engine.CreateAsync("lifecycle");

        Assert.Equal("created", (await containers.InspectAsync(id, Token)).State.Status);
        Assert.Null((await containers.InspectAsync(id, Token)).State.StartedAt);

        Assert.True(await containers.StartAsync(id, Token));
        Assert.False(await containers.StartAsync(id, Token));
        var running = await containers.InspectAsync("lifecycle", Token);
        Assert.True(running.State is { Running: true, Status: "running", Pid: > 0, FinishedAt: null });
        Assert.True(Directory.Exists($"/proc/{running.State.Pid}"));

        Assert.True(await containers.StopAsync(id, OneSecond, Token));
        Assert.False(await containers.StopAsync(id, OneSecond, Token));
        var stopped = await containers.InspectAsync(id, Token);
        Assert.Equal("exited", stopped.State.Status);
        Assert.Equal(0, stopped.State.ExitCode);
        Assert.True(stopped.State.FinishedAt > stopped.State.StartedAt);

        await containers.RemoveAsync(id, force: false, volumes: true, Token);
        var gone = await Assert.ThrowsAsync<DockerApiException>(() => containers.InspectAsync(id, Token));
        Assert.True(gone.IsNotFound);
        Assert.Contains(id, gone.EngineMessage, StringComparison.Ordinal);
        Assert.StartsWith($"cannot inspect container \"{id}\": ", gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_restart_count_is_read_from_the_top_level_of_inspect_where_the_engine_has_it()
    {
        var engine = await shared.GetAsync();
        var host = new HostConfig { RestartPolicy = new RestartPolicy { Name = "on-failure", MaximumRetryCount = 2 } };
        var id = await engine.RunAsync("crasher", DockerEngine.Shell("exit 3"), host: host);
        await engine.Client.Containers.WaitAsync(id, WaitCondition.NotRunning, Token);

        var inspect = await Until(engine, id, inspect => inspect is { RestartCount: 2, State.Running: false });

        Assert.Equal(3, inspect.State.ExitCode);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_restart_makes_a_new_process_and_starts_a_stopped_container_too()
    {
        var engine = await shared.GetAsync();
        var containers = engine.Client.Containers;
        var id = await engine.RunAsync("again");
        var before = await containers.InspectAsync(id, Token);

        await containers.RestartAsync(id, OneSecond, Token);
        var after = await containers.InspectAsync(id, Token);
        Assert.NotEqual(before.State.Pid, after.State.Pid);
        Assert.True(after.State.StartedAt > before.State.StartedAt);

        await containers.StopAsync(id, grace: null, Token);
        await containers.RestartAsync(id, grace: null, Token);
        Assert.True((await containers.InspectAsync(id, Token)).State.Running);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_stop_longer_than_the_call_timeout_is_waited_for_as_long_as_its_grace()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("stubborn", DockerEngine.Shell("trap '' TERM; while :; do sleep 1; done"));
        using var client = engine.Connect(new DockerClientOptions { CallTimeout = TimeSpan.FromMilliseconds(900) });

        Assert.True(await client.Containers.StopAsync(id, TimeSpan.FromSeconds(2), Token));

        Assert.Equal(137, (await client.Containers.InspectAsync(id, Token)).State.ExitCode);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task A_signal_reaches_the_process_and_one_to_a_stopped_container_is_a_conflict()
    {
        var engine = await shared.GetAsync();
        var containers = engine.Client.Containers;
        var id = await engine.RunAsync(
            "signalled", DockerEngine.Shell("trap 'exit 42' USR1; while :; do sleep 0.1; done"));
        var exit = containers.WaitAsync(id, WaitCondition.NextExit, Token);

        // The shell may not have set its trap yet: a signal before that ends it by itself, with another code.
        await Until(engine, id, async () => (await containers.TopAsync(id, Token)).Processes.Count > 1);
        await containers.KillAsync(id, "USR1", Token);

        Assert.Equal(42, (await exit).StatusCode);
        var refused = await Assert.ThrowsAsync<DockerApiException>(() => containers.KillAsync(id, "TERM", Token));
        Assert.True(refused.IsConflict);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Pause_freezes_and_unpause_goes_on()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("frozen");

        await engine.Client.Containers.PauseAsync(id, Token);
        var paused = await engine.Client.Containers.InspectAsync(id, Token);
        Assert.True(paused.State is { Status: "paused", Paused: true, Running: true });

        await engine.Client.Containers.UnpauseAsync(id, Token);
        Assert.Equal("running", (await engine.Client.Containers.InspectAsync(id, Token)).State.Status);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Waiting_outlasts_the_call_timeout_and_gives_the_exit_code()
    {
        var engine = await shared.GetAsync();
        using var client = engine.Connect(new DockerClientOptions { CallTimeout = TimeSpan.FromSeconds(1) });
        var id = await engine.RunAsync("sleeper", DockerEngine.Shell("sleep 1.5; exit 7"));

        Assert.Equal(7, (await client.Containers.WaitAsync(id, WaitCondition.NotRunning, Token)).StatusCode);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task The_list_is_filtered_by_label_and_shows_stopped_ones_when_asked()
    {
        var engine = await shared.GetAsync();
        var labels = new Dictionary<string, string> { ["drover.app"] = "listed", ["note"] = "a=b, \"quoted\" ü" };
        var web = await engine.RunAsync("listed-web", labels: labels);
        var db = await engine.CreateAsync("listed-db", labels: labels);
        var mine = DockerFilters.Where("label", "drover.app=listed");

        var running = await engine.Client.Containers.ListAsync(all: false, mine, size: false, Token);
        var all = await engine.Client.Containers.ListAsync(all: true, mine, size: true, Token);

        var only = Assert.Single(running);
        Assert.Equal((web, "listed-web", "running"), (only.Id, only.Name, only.State));
        Assert.Equal(labels, only.Labels);
        Assert.Null(only.SizeRootFs);
        Assert.Equal([db, web], all.Select(each => each.Id));
        Assert.All(all, each => Assert.True(each.SizeRootFs > 0));
        await engine.RemoveAsync(web);
        await engine.RemoveAsync(db);
    }

    [Fact]
    public async Task A_health_check_is_created_and_its_verdict_read()
    {
        var engine = await shared.GetAsync();
        var check = new HealthCheck
        {
            Test = ["CMD-SHELL", "echo sick; exit 1"],
            Interval = TimeSpan.FromMilliseconds(200),
            Timeout = TimeSpan.FromSeconds(5),
            Retries = 1,
        };
        var id = await engine.RunAsync("sick", healthcheck: check);

        var inspect = await Until(engine, id, inspect => inspect.State.Health?.Status is "unhealthy");

        Assert.Equal(check with { Test = null }, inspect.Config.Healthcheck! with { Test = null });
        Assert.Contains(inspect.State.Health!.Log, result => result is { ExitCode: 1, Output: "sick\n" });
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Config_mounts_limits_and_names_survive_the_way_there_and_back()
    {
        var engine = await shared.GetAsync();
        var create = new CreateContainer
        {
            Image = DockerEngine.Image,
            Cmd = ["sleep", "3600"],
            Env = ["COLOUR=blue"],
            Hostname = "box",
            Tty = true,
            ExposedPorts = new Dictionary<string, EmptyObject> { ["80/tcp"] = new() },
            HostConfig = new HostConfig
            {
                NetworkMode = "none",
                MemoryBytes = 64 * 1024 * 1024,
                Binds = [$"{engine.Directory}:/host:ro"],
                Mounts = [new Mount { Type = "volume", Source = "notes", Target = "/notes" }],
                LogConfig = new LogConfig
                {
                    Type = "json-file",
                    Config = new Dictionary<string, string> { ["max-size"] = "1m" },
                },
            },
        };
        var id = (await engine.Client.Containers.CreateAsync(create, "configured", Token)).Id;
        await engine.Client.Containers.RenameAsync(id, "renamed", Token);

        var read = await engine.Client.Containers.InspectAsync(id, Token);

        Assert.Equal("renamed", read.PlainName);
        Assert.True(read.Config.Tty);
        Assert.Equal("box", read.Config.Hostname);
        Assert.Equal(["sleep", "3600"], read.Config.Cmd);
        Assert.Contains("COLOUR=blue", read.Config.Env!);
        Assert.Contains("80/tcp", read.Config.ExposedPorts!.Keys);
        Assert.Equal(64 * 1024 * 1024, read.HostConfig.MemoryBytes);
        Assert.Equal("json-file", read.HostConfig.LogConfig!.Type);
        Assert.Contains(read.Mounts, mount => mount is { Type: "bind", Destination: "/host", IsWritable: false });
        Assert.Contains(
            read.Mounts, mount => mount is { Type: "volume", Name: "notes", Destination: "/notes", IsWritable: true });
        await engine.RemoveAsync(id);
        await engine.Client.Volumes.RemoveAsync("notes", force: false, Token);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_a_conflict_and_an_unknown_image_is_not_found()
    {
        var engine = await shared.GetAsync();
        var id = await engine.CreateAsync("taken");

        var taken = await Assert.ThrowsAsync<DockerApiException>(() => engine.CreateAsync("taken"));
        var unknown = await Assert.ThrowsAsync<DockerApiException>(
            () => engine.Client.Containers.CreateAsync(new CreateContainer { Image = "nowhere:1" }, "lost", Token));

        Assert.True(taken.IsConflict);
        Assert.True(unknown.IsNotFound);
        Assert.Equal("create container \"lost\"", unknown.Operation);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Exec_gives_both_streams_apart_and_the_exit_code()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("host-of-exec");
        var exec = engine.Client.Exec;
        var create =
            new CreateExec { Cmd = DockerEngine.Shell("echo out; echo err >&2; printf last; exit 5"), Env = ["A=b"] };

        var execId = await exec.CreateAsync(id, create, Token);
        var lines = await exec.StartAsync(execId, tty: false, Token).ToListAsync(Token);

        Assert.Equal(["out", "last"], lines.Where(line =>
            line.Stream is Runtime.Docker.Logs.LogSource.Stdout).Select(line => line.Text));
        Assert.Equal(["err"], lines.Where(line => line.Stream is Runtime.Docker.Logs.LogSource.Stderr).Select(line =>
            line.Text));
        var inspect = await exec.InspectAsync(execId, Token);
        Assert.Equal((false, 5, id), (inspect.Running, inspect.ExitCode, inspect.ContainerId));
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task Exec_with_a_terminal_gives_one_raw_stream()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("host-of-tty");
        var execId = await engine.Client.Exec.CreateAsync(
            id, new CreateExec { Cmd = DockerEngine.Shell("tty; echo err >&2"), Tty = true }, Token);

        var lines = await engine.Client.Exec.StartAsync(execId, tty: true, Token).ToListAsync(Token);

        Assert.StartsWith("/dev/pts/", lines[0].Text, StringComparison.Ordinal);
        Assert.Equal("err", lines[1].Text);
        await engine.RemoveAsync(id);
    }

    private static async Task<ContainerInspect> Until(
        DockerEngine engine, string id, Func<ContainerInspect, bool> condition)
    {
        ContainerInspect? last = null;
        await Until(engine, id, async () => condition(last = await engine.Client.Containers.InspectAsync(id, Token)));
        return last!;
    }

    private static Task Until(DockerEngine engine, string id, Func<Task<bool>> condition) =>
        Eventually.TrueAsync(condition, $"container {id} of {engine.Address}", Token);
}
