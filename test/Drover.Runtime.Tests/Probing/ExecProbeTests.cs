using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Runtime.Processes;
using Drover.Testing.Agents;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The exec probe with real commands, on this machine and in a container.</summary>
public sealed class ExecProbeTests(SharedDockerEngine shared) : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(400);

    private readonly TemporaryDirectory _directory = new();
    private readonly ProcessWaiter _waiter = new(TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _waiter.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Exit_code_0_is_a_success_with_what_the_command_said()
    {
        (await Sh("echo accepting connections").AskAsync()).Succeeded("exit code 0: accepting connections");
        (await Sh(":").AskAsync()).Succeeded("exit code 0");
    }

    [Fact]
    public async Task Any_other_exit_code_is_a_failure_with_the_last_words_of_both_outputs_without_their_secrets()
    {
        (await Sh("echo one; echo two >&2; echo token=geheim123; exit 3").AskAsync())
            .Failed("exit code 3: one | two | token=***");
    }

    [Fact]
    public async Task A_command_that_a_signal_ends_is_a_failure_that_names_it()
    {
        (await Sh("kill -SEGV $$").AskAsync()).Failed("the command was ended by SIGSEGV");
    }

    [Fact]
    public async Task A_command_that_cannot_be_started_is_an_error_and_counts_for_nothing()
    {
        var report = await Make(new ProbeTarget.Exec(["/nowhere/pg_isready"])).AskAsync();

        Assert.Equal(ProbeOutcome.Error, report.Outcome);
        Assert.StartsWith("cannot start \"/nowhere/pg_isready\": ", report.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_runs_with_the_environment_and_directory_of_its_component()
    {
        var target = new ProbeTarget.Exec(["sh", "-c", "echo $COLOUR $PWD"])
        {
            Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["COLOUR"] = "green" },
            WorkingDirectory = _directory.Path,
        };

        (await Make(target).AskAsync()).Succeeded($"exit code 0: green {_directory.Path}");
    }

    [Fact]
    public async Task Only_the_end_of_a_long_output_is_kept_and_the_command_never_waits_for_us()
    {
        var report = await Sh("head -c 5000000 /dev/zero | tr '\\0' x; echo; echo the end; exit 1").AskAsync();

        Assert.Equal(ProbeOutcome.Failure, report.Outcome);
        Assert.EndsWith("xxx | the end", report.Message, StringComparison.Ordinal);
        Assert.InRange(report.Message.Length, 250, 350);
    }

    [Fact]
    public async Task At_the_timeout_the_command_is_a_failure_and_all_that_it_started_is_killed_whatever_it_ignores()
    {
        var pids = _directory.File("pids");
        var probe = Sh(
            $"trap '' TERM HUP; sleep 300 & echo $! >> {pids}; setsid sleep 300 & echo $! >> {pids}; "
            + $"echo $$ >> {pids}; sleep 300; sleep 300");

        var (report, latency) = await Run(probe);

        report.Failed("no answer within 400ms");
        Assert.InRange(latency, Short - TimeSpan.FromMilliseconds(20), Short + TimeSpan.FromSeconds(2));
        var started = (await File.ReadAllLinesAsync(pids, Token)).Select(int.Parse).ToArray();
        Assert.Equal(3, started.Length);
        await Eventually.TrueAsync(() => Task.FromResult(started.All(IsGone)), "all of them are gone", Token);
    }

    [Fact]
    public async Task What_a_command_leaves_behind_is_ended_with_it_and_does_not_hold_the_run()
    {
        var pids = _directory.File("pids");

        (await Sh($"(setsid sleep 300 & echo $! > {pids}); echo fine").AskAsync()).Succeeded("exit code 0: fine");
        Assert.True(IsGone(int.Parse(await File.ReadAllTextAsync(pids, Token))));
    }

    [Fact]
    public async Task Many_runs_leave_neither_descriptors_nor_zombies()
    {
        var probe = Sh("exit 1");
        await probe.AskAsync();
        var before = Directory.GetFiles("/proc/self/fd").Length;
        for (var i = 0; i < 50; i++)
        {
            await probe.AskAsync();
        }

        // Other tests run beside this one: a leak would be fifty.
        Assert.InRange(Directory.GetFiles("/proc/self/fd").Length, 0, before + 40);
        Assert.DoesNotContain(
            Children(), stat => stat.IsDead && stat.Command == "sh" && stat.Parent == Environment.ProcessId);
    }

    [Fact]
    public async Task In_a_container_the_command_is_run_inside()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("exec-probed");
        var subject = new ProbeSubject(1, null, id, ProbeBench.LongAgo);

        (await InContainer(engine, "hostname").AskAsync(subject)).Succeeded($"exit code 0: {id[..12]}");
        (await InContainer(engine, "echo no >&2; exit 4").AskAsync(subject)).Failed("exit code 4: no");
        var missing = await Make(new ProbeTarget.Exec(["pg_isready"]), engine).AskAsync(subject);
        Assert.Equal(ProbeOutcome.Error, missing.Outcome);
        Assert.Contains("pg_isready", missing.Message, StringComparison.Ordinal);
        await engine.Client.Containers.StopAsync(id, TimeSpan.Zero, Token);
        Assert.Equal(ProbeOutcome.Failure, (await InContainer(engine, ":").AskAsync(subject)).Outcome);
        await engine.RemoveAsync(id);
    }

    [Fact]
    public async Task At_the_timeout_a_command_in_a_container_is_killed_too_and_the_container_lives()
    {
        var engine = await shared.GetAsync();
        var id = await engine.RunAsync("exec-hangs");
        var subject = new ProbeSubject(1, null, id, ProbeBench.LongAgo);

        var (report, _) = await ProbeExecution.RunAsync(
            InContainer(engine, "sleep 311 & sleep 312"), subject, Short * 3, TimeProvider.System, Token);

        report.Failed("no answer within 1s200ms");
        await Eventually.TrueAsync(
            async () => (await engine.Client.Containers.TopAsync(id, Token)).Processes
                .All(process => !process[^1].Contains("sleep 31", StringComparison.Ordinal)),
            "the command is gone",
            Token);
        Assert.True((await engine.Client.Containers.InspectAsync(id, Token)).State.Running);
        await engine.RemoveAsync(id);
    }

    private IProbe Sh(string line) => Make(new ProbeTarget.Exec(["sh", "-c", line])
    {
        Environment = new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin" },
    });

    private IProbe InContainer(DockerEngine engine, string line) =>
        Make(new ProbeTarget.Exec(["sh", "-c", line]), engine);

    private IProbe Make(ProbeTarget.Exec target, DockerEngine? engine = null) => target.Make(
        new ProbeServices(TimeProvider.System)
        {
            Launcher = new ProcessLauncher(_waiter),
            Docker = engine is null ? null : () => engine.Client,
        });

    private static Task<(ProbeReport Report, TimeSpan Latency)> Run(IProbe probe) =>
        ProbeExecution.RunAsync(probe, ProbeBench.Nothing, Short, TimeProvider.System, Token);

    private static bool IsGone(int pid) => ProcessStat.TryRead(pid) is null or { IsDead: true };

    private static IEnumerable<ProcessStat> Children() => Directory.GetDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(name => int.TryParse(name, out _))
        .Select(name => ProcessStat.TryRead(int.Parse(name!)))
        .OfType<ProcessStat>();
}
