using Drover.Runtime.Configuration;
using Drover.Runtime.Docker.Containers;
using Drover.Supervisor.Components;
using Drover.Testing.Docker;

namespace Drover.Supervisor.Tests.Containers;

/// <summary>Containers as components, on a real engine.</summary>
public sealed class ContainerDriverTests(SharedDockerEngine shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_container_is_created_started_and_its_end_told_with_its_exit_code_at_once()
    {
        await using var bench = await Bench("driven-exit", "trap 'exit 5' TERM; while :; do sleep 0.1; done");

        Assert.Equal("1 launched", await bench.LaunchAsync(1));
        var container = await bench.InspectAsync();
        Assert.Equal((container.Id, "driven-exit"), (bench.Record!.ContainerId, bench.Record.ContainerName));
        Assert.Equal("runner", container.Config.Labels["drover.component"]);
        Assert.Equal("no", container.HostConfig.RestartPolicy.Name);

        bench.Driver.Signal(1, "SIGTERM");
        Assert.Equal("1 exited: exit: exited with code 5", await bench.UntilAsync(1, "exited"));
    }

    [Fact]
    public async Task An_end_by_a_signal_is_told_as_such_and_a_kill_ends_what_ignores_everything()
    {
        await using var bench = await Bench("driven-kill", "trap '' TERM; while :; do sleep 0.1; done");
        await bench.LaunchAsync(1);

        bench.Driver.Signal(1, "SIGTERM");
        bench.Driver.Kill(1);

        Assert.Equal("1 exited: signal: was ended by SIGKILL", await bench.UntilAsync(1, "exited"));
    }

    [Fact]
    public async Task A_container_that_the_kernel_kills_for_want_of_memory_is_told_as_such()
    {
        await using var bench = await Bench(
            "driven-oom", "while [ ! -e /go ]; do sleep 0.05; done; x=0123456789abcdef; while :; do x=$x$x; done");
        await bench.LaunchAsync(1);
        await DockerAsync("update", "--memory", "16m", "--memory-swap", "16m", "driven-oom");
        await bench.RunInAsync("touch /go");

        Assert.Equal("1 exited: oom: was killed for want of memory", await bench.UntilAsync(1, "exited"));
    }

    [Fact]
    public async Task The_next_instance_is_the_same_container_so_that_its_log_goes_on()
    {
        await using var bench = await Bench("driven-again", "echo one more; exit 3");
        await bench.LaunchAsync(1);
        await bench.UntilAsync(1, "exited: exit: exited with code 3");
        var first = bench.Record!.ContainerId;

        await bench.LaunchAsync(2);
        await bench.UntilAsync(2, "exited: exit: exited with code 3");

        Assert.Equal(first, bench.Record.ContainerId);
        var lines = 0;
        await foreach (var line in (await shared.GetAsync()).Client.Containers.LogsAsync(
            first!, new Runtime.Docker.Logs.LogQuery(), cancellationToken: Token))
        {
            lines += line.Text == "one more" ? 1 : 0;
        }

        Assert.Equal(2, lines);
    }

    [Fact]
    public async Task A_container_whose_file_says_something_else_by_now_is_replaced()
    {
        await using var bench = await Bench("driven-changed", "echo $COLOUR; exit 0");
        await bench.LaunchAsync(1);
        await bench.UntilAsync(1, "exited");
        var first = bench.Record!.ContainerId;
        bench.Launch = bench.Launch with { Environment = new Dictionary<string, string> { ["COLOUR"] = "green" } };

        await bench.LaunchAsync(2);
        await bench.UntilAsync(2, "exited");

        Assert.NotEqual(first, bench.Record.ContainerId);
        Assert.Contains("COLOUR=green", (await bench.InspectAsync()).Config.Env!);
    }

    [Fact]
    public async Task Secrets_go_in_as_files_stand_in_nothing_that_can_be_inspected_and_go_with_the_instance()
    {
        await using var bench = await Bench("driven-secret");
        var source = Path.GetTempFileName();
        await File.WriteAllTextAsync(source, "geheim-4711\n", Token);
        bench.Launch = bench.Launch with
        {
            Secrets = new Dictionary<string, SecretSource> { ["TOKEN"] = SecretSource.OfFile(source) },
        };

        Assert.Equal("1 launched", await bench.LaunchAsync(1));
        Assert.Equal("geheim-4711", await bench.RunInAsync("cat /run/secrets/TOKEN"));
        Assert.Equal("geheim-4711", await bench.RunInAsync("cat /run/secrets/TOKEN", user: "65534"));
        Assert.NotEqual("", await bench.RunInAsync("echo x > /run/secrets/TOKEN"));
        Assert.DoesNotContain("geheim", await InspectTextAsync(bench), StringComparison.Ordinal);
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(bench.SecretsDirectory)!));

        await File.WriteAllTextAsync(source, "geheim-4712\n", Token);
        bench.Driver.Kill(1);
        await bench.UntilAsync(1, "exited");
        Assert.Empty(Directory.GetFiles(bench.SecretsDirectory));
        await bench.LaunchAsync(2);
        Assert.Equal("geheim-4712", await bench.RunInAsync("cat /run/secrets/TOKEN"));
        File.Delete(source);
    }

    [Fact]
    public async Task A_secret_whose_file_is_missing_is_a_failed_start_that_names_the_file()
    {
        await using var bench = await Bench("driven-no-secret");
        bench.Launch = bench.Launch with
        {
            Secrets = new Dictionary<string, SecretSource> { ["TOKEN"] = SecretSource.OfFile("/nowhere/token") },
        };

        Assert.Equal(
            "1 launch failed: failed_start: could not be started: cannot read the secret from \"/nowhere/token\": "
            + "there is no such file",
            await bench.LaunchAsync(1));
    }

    [Fact]
    public async Task An_image_that_is_not_there_is_a_failed_start()
    {
        await using var bench = await Bench("driven-no-image");
        bench.Launch = bench.Launch with { Image = "drover-test/nothing:latest", Pull = "never" };

        Assert.Equal(
            "1 launch failed: failed_start: could not be started: there is no image \"drover-test/nothing:latest\" "
            + "on this engine, and pull is never; build or load it",
            await bench.LaunchAsync(1));
    }

    [Fact]
    public async Task A_command_that_is_not_in_the_image_is_a_failed_start()
    {
        await using var bench = await Bench("driven-no-command");
        bench.Launch = bench.Launch with { Command = ["/no/such/program"] };

        var report = await bench.LaunchAsync(1);
        Assert.StartsWith("1 launch failed: failed_start: ", report, StringComparison.Ordinal);
        Assert.Contains("/no/such/program", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_of_that_name_that_somebody_else_made_is_not_touched()
    {
        var engine = await shared.GetAsync();
        var policy = new HostConfig { RestartPolicy = new RestartPolicy { Name = "always" } };
        var id = await engine.RunAsync("driven-foreign", host: policy);
        await using var bench = await Bench("driven-foreign");

        Assert.Equal(
            "1 launch failed: failed_start: could not be started: there is a container \"driven-foreign\" already "
            + "that this supervisor did not make, kept alive by Docker's restart policy \"always\"; "
            + "remove it or choose another container_name",
            await bench.LaunchAsync(1));
        Assert.True((await engine.Client.Containers.InspectAsync(id, Token)).State.Running);
    }

    [Fact]
    public async Task A_restart_policy_that_was_put_on_our_container_is_told_with_the_command_that_takes_it_off()
    {
        await using var bench = await Bench("driven-policy", "exit 0");
        await bench.LaunchAsync(1);
        await bench.UntilAsync(1, "exited");
        await DockerAsync("update", "--restart=always", "driven-policy");

        Assert.Equal(
            "2 launch failed: failed_start: could not be started: container \"driven-policy\" has Docker's own "
            + "restart policy \"always\", and two would restart it; run: docker update --restart=no driven-policy",
            await bench.LaunchAsync(2));
    }

    [Fact]
    public async Task A_restart_policy_that_was_put_on_a_running_container_is_reported_when_it_is_taken_over()
    {
        await using var bench = await Bench("driven-conflict");
        await bench.LaunchAsync(1);
        var record = bench.Record;
        await bench.Driver.DisposeAsync();
        var host = (await shared.GetAsync()).Address;
        string[] update = ["--host", host, "update", "--restart=always", "driven-conflict"];
        using var docker = System.Diagnostics.Process.Start("docker", update);
        await docker.WaitForExitAsync(Token);
        Assert.Equal(0, docker.ExitCode);

        await bench.Again().RecoverAsync(1, record, Token);

        Assert.Equal(
            "1 objected: container \"driven-conflict\" has Docker's own restart policy \"always\", and two would "
            + "restart it; run: docker update --restart=no driven-conflict",
            await bench.UntilAsync(1, "objected"));
    }

    [Fact]
    public async Task The_next_supervisor_finds_the_container_running_and_sees_its_end()
    {
        await using var bench = await Bench("driven-adopted");
        await bench.LaunchAsync(1);
        var record = bench.Record;
        await bench.Driver.DisposeAsync();

        var recovery = Assert.IsType<Recovery.Alive>(await bench.Again().RecoverAsync(1, record, Token));
        Assert.Equal(record, recovery.Record);
        Assert.NotNull(recovery.StartedAt);
        bench.Driver.Kill(1);
        Assert.Equal("1 exited: signal: was ended by SIGKILL", await bench.UntilAsync(1, "exited"));
    }

    [Fact]
    public async Task The_next_supervisor_learns_how_a_container_ended_while_nobody_watched()
    {
        await using var bench = await Bench("driven-missed", "trap 'exit 9' TERM; while :; do sleep 0.1; done");
        await bench.LaunchAsync(1);
        var record = bench.Record;
        await bench.Driver.DisposeAsync();
        await (await shared.GetAsync()).Client.Containers.StopAsync("driven-missed", TimeSpan.FromSeconds(5), Token);

        var recovery = Assert.IsType<Recovery.Gone>(await bench.Again().RecoverAsync(1, record, Token));
        Assert.Equal("exited with code 9", recovery.Cause?.Message);
    }

    [Fact]
    public async Task A_container_whose_launch_was_never_noted_is_ended_before_another_begins()
    {
        await using var bench = await Bench("driven-unnoted");
        await bench.LaunchAsync(1);
        await bench.Driver.DisposeAsync();

        var recovery = Assert.IsType<Recovery.Gone>(await bench.Again().RecoverAsync(1, record: null, Token));
        Assert.Null(recovery.Cause);
        Assert.False((await bench.InspectAsync()).State.Running);
    }

    private async Task DockerAsync(params string[] arguments)
    {
        string[] all = ["--host", (await shared.GetAsync()).Address, .. arguments];
        using var docker = System.Diagnostics.Process.Start("docker", all);
        await docker.WaitForExitAsync(Token);
        Assert.Equal(0, docker.ExitCode);
    }

    private async Task<ContainerBench> Bench(string name, string? line = null) =>
        new(await shared.GetAsync(), name, line is null ? [] : [.. DockerEngine.Shell(line)]);

    private static async Task<string> InspectTextAsync(ContainerBench bench)
    {
        var facts = await bench.InspectAsync();
        return string.Join('\n', [facts.Path, .. facts.Args, .. facts.Config.Env ?? [], .. facts.Config.Cmd ?? [],
            .. facts.Config.Labels.Values, .. facts.Mounts.Select(mount => mount.Source),
            .. facts.HostConfig.Binds ?? []]);
    }
}
