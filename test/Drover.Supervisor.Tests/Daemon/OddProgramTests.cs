using System.Text;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>Programs that do what supervisors stumble over, each under a whole supervisor.</summary>
public sealed class OddProgramTests : IAsyncDisposable
{
    private readonly SupervisorBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_that_closes_its_output_runs_on_and_is_kept_alive()
    {
        _bench.Write(_bench.Component("web", "exec >&- 2>&-; exec sleep 1000"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        _bench.Signal(_bench.Instances("web")[0], 9);
        await _bench.UntilAsync("web", one => one is { Instance: 2, State: ComponentState.Running }, "the next");
        _bench.AssertNeverTwo("web");
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_output_open_delays_no_restart_and_does_not_outlive_its_instance()
    {
        _bench.Write(
            _bench.Component("web", "sleep 1000 & echo $! > helper; exit 3") with { MinUptimeSeconds = 100 });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", one => one.Restarts >= 1, "a restart");
        Assert.InRange((status.LastRestartAt - status.StartedAt).GetValueOrDefault().Duration(), default, Seconds(2));
        Assert.All(
            await _bench.Client.HistoryAsync("web", 10, Token),
            entry => Assert.Equal(("exited with code 3", true), (entry.Message, entry.UptimeSeconds < 2)));
        _bench.AssertNeverTwo("web");
        await _bench.StopAsync();
        Assert.False(SupervisorBench.IsAlive(
            int.Parse(await File.ReadAllTextAsync(Path.Combine(_bench.Directory, "helper"), Token))));
    }

    [Fact]
    public async Task A_helper_that_left_its_session_by_forking_twice_is_ended_before_the_next_instance_begins()
    {
        _bench.Write(_bench.Component(
            "web", "(setsid sh -c 'echo $$ >> web.pids; exec 9>&-; exec sleep 1000' &); sleep 0.2; exec sleep 1000"));
        await _bench.StartAsync();
        await SupervisorBench.UntilAsync(() => _bench.Alive("web").Count == 2, "the helper");
        var (leader, helper) = (_bench.Instances("web")[0], _bench.Instances("web")[1]);
        _bench.Signal(leader, 9);
        await _bench.UntilAsync("web", one => one.Instance == 2, "the next instance");
        Assert.False(SupervisorBench.IsAlive(helper));
        await SupervisorBench.UntilAsync(() => _bench.Alive("web").Count == 2, "the next helper");
        await _bench.StopAsync();
        Assert.Empty(_bench.Alive("web"));
    }

    [Fact]
    public async Task Of_a_program_that_ends_within_a_millisecond_no_end_is_lost()
    {
        _bench.Write(_bench.Component("once") with { Program = "/bin/true", Limit = 30 });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("once", ComponentState.Failed);
        Assert.Equal((31L, 30L), (status.Instance, status.Restarts));
        var history = await _bench.Client.HistoryAsync("once", 100, Token);
        Assert.Equal(Enumerable.Range(1, 31).Reverse(), history.Select(one => (int)one.Instance));
        Assert.All(history, entry => Assert.Equal(0, entry.ExitCode));
    }

    [Fact]
    public async Task A_program_that_was_stopped_with_SIGSTOP_is_found_by_its_liveness_probe_and_replaced()
    {
        var beat = Path.Combine(_bench.Directory, "beat");
        _bench.Write(_bench.Component("web", $"while :; do touch {beat}; sleep 0.05; done") with
        {
            LiveFile = beat,
            LiveWithinSeconds = 0.5,
            GraceSeconds = 0.5,
        });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", one => one.Probes[0].LastOutcome is ProbeOutcome.Success, "a good probe");
        _bench.Signal(_bench.Instances("web")[0], 19);
        var status = await _bench.UntilAsync("web", one => one.Instance == 2, "another instance");
        Assert.Equal("probe", status.LastCause?.Word);
        _bench.AssertNeverTwo("web");
    }

    [Fact]
    public async Task A_stop_reaches_a_program_that_was_stopped_with_SIGSTOP_within_its_grace()
    {
        _bench.Write(_bench.Component("web", "trap 'echo asked > asked; exit 0' TERM; while :; do sleep 0.05; done"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await SupervisorBench.UntilAsync(() => _bench.Alive("web").Count == 1, "its start");
        _bench.Signal(_bench.Instances("web")[0], 19);
        Assert.True((await _bench.Client.OrderAsync(ControlVerb.Stop, "web", wait: null, Token)).Done);
        Assert.True(File.Exists(Path.Combine(_bench.Directory, "asked")));
    }

    [Fact]
    public async Task An_end_during_the_startup_probe_is_an_exit_and_not_a_failed_probe()
    {
        _bench.Write(_bench.Component("web", "sleep 0.3; exit 4") with
        {
            StartedFile = Path.Combine(_bench.Directory, "never"),
            PeriodSeconds = 0.5,
            MinUptimeSeconds = 100,
        });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", ComponentState.Backoff);
        Assert.Equal(("exit", "exited with code 4"), (status.LastCause?.Word, status.LastCause?.Message));
        Assert.All(status.Probes, probe => Assert.False(probe.OnHold));
    }

    [Theory]
    [InlineData("/no/such/program", "there is no file \"/no/such/program\"")]
    [InlineData("{0}/plain", "\"{0}/plain\" is not executable; make it so with chmod +x")]
    [InlineData("/etc", "\"/etc\" is a directory")]
    public async Task What_cannot_be_executed_is_a_failed_start_in_words_that_backs_off(string program, string why)
    {
        var plain = Path.Combine(_bench.Directory, "plain");
        await File.WriteAllTextAsync(plain, "#!/bin/sh\n", Token);
        File.SetUnixFileMode(plain, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _bench.Write(_bench.Component("web") with { Program = Here(program) });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", ComponentState.Backoff);
        Assert.Equal("failed_start", status.LastCause?.Word);
        Assert.Equal("could not be started: " + Here(why), status.LastError);
        Assert.InRange(status.NextStartAt - DateTimeOffset.UtcNow ?? default, default, Seconds(5));
        await _bench.UntilAsync("web", one => one.Restarts == 1, "a second try");
    }

    [Fact]
    public async Task A_program_built_for_a_newer_C_library_is_told_in_the_loaders_words_and_told_from_a_crash()
    {
        var path = Path.Combine(_bench.Directory, "newer");
        var code = await File.ReadAllBytesAsync("/bin/ls", Token);
        var at = code.AsSpan().IndexOf("GLIBC_2."u8);
        Assert.True(at > 0);
        Encoding.ASCII.GetBytes("9").CopyTo(code, at + "GLIBC_".Length);
        await File.WriteAllBytesAsync(path, code, Token);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _bench.Write(_bench.Component("web") with { Program = path, MinUptimeSeconds = 100 });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", ComponentState.Backoff);
        Assert.Equal("loader", status.LastCause?.Word);
        Assert.Matches("could not be loaded: .*GLIBC_9.* not found", status.LastError!);
    }

    private string Here(string text) => text.Replace("{0}", _bench.Directory, StringComparison.Ordinal);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
