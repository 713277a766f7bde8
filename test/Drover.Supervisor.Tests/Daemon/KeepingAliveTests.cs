using System.Globalization;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>Real processes under a real supervisor: restarts, probes, needs, reload, history.</summary>
public sealed class KeepingAliveTests : IAsyncDisposable
{
    private readonly SupervisorBench _bench = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_crash_is_seen_by_event_and_recorded_with_cause_uptime_and_last_lines()
    {
        _bench.Write(_bench.Component("web", "echo before the end; echo password=hunter2secret; exit 7")
            with
        { MinUptimeSeconds = 100, Mode = RestartMode.OnFailure });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", status => status.Restarts >= 1, "a restart");
        var history = await _bench.Client.HistoryAsync("web", 10, Token);
        var first = history[^1];
        Assert.Equal(
            ("exit", (int?)7, 1L, HistoryOutcome.Backoff),
            (first.Cause, first.ExitCode, first.Instance, first.Outcome));
        Assert.InRange(first.DelaySeconds ?? 0, 0.9, 1.1);
        Assert.Contains("before the end", first.Log);
        Assert.DoesNotContain(first.Log, line => line.Contains("hunter2secret", StringComparison.Ordinal));
        Assert.Equal("exited with code 7", (await _bench.StatusAsync("web")).LastError);
    }

    [Fact]
    public async Task A_crashed_component_is_back_within_10_seconds_and_its_backoff()
    {
        _bench.Write(_bench.Component("web") with { MinUptimeSeconds = 100 });
        await _bench.StartAsync();
        var before = await _bench.UntilAsync("web", ComponentState.Running);
        var crash = TimeProvider.System.GetTimestamp();
        _bench.Signal(before.Pid!.Value, 11);
        var after = await _bench.UntilAsync(
            "web", status => status.State is ComponentState.Running && status.Pid != before.Pid, "the next instance");
        var backoff = (await _bench.Client.HistoryAsync("web", 1, Token))[0].DelaySeconds.GetValueOrDefault();

        Assert.InRange(backoff, 0.9, 1.1);
        Assert.InRange(TimeProvider.System.GetElapsedTime(crash).TotalSeconds, 0.9, 10 + backoff);
        Assert.Equal(("signal", 1L), (after.LastRestartCause?.Word, after.Restarts));
    }

    [Fact]
    public async Task The_limit_really_stops_a_loop_and_what_failed_stays_failed_until_its_retry()
    {
        _bench.Write(_bench.Component("web", "exit 3") with { Limit = 4 });
        await _bench.StartAsync();
        var failed = await _bench.UntilAsync("web", ComponentState.Failed);
        var instances = _bench.Instances("web").Count;

        Assert.Equal((5, 4L, 5L), (instances, failed.Restarts, failed.Instance));
        Assert.Equal(ComponentHealth.Unhealthy, failed.Health);
        Assert.InRange((failed.NextStartAt - DateTimeOffset.UtcNow).GetValueOrDefault().TotalMinutes, 9, 10);
        Assert.Equal(
            HistoryOutcome.Failed, (await _bench.Client.HistoryAsync("web", 1, Token))[0].Outcome);
    }

    [Fact]
    public async Task The_cause_of_the_last_restart_is_that_restarts_own_also_after_an_ordered_stop()
    {
        _bench.Write(_bench.Component("web"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        _bench.Signal(_bench.Instances("web")[0], 9);
        await _bench.UntilAsync("web", status => status is { Restarts: 1, State: ComponentState.Running }, "a restart");
        var stopped = (await _bench.Client.OrderAsync(ControlVerb.Stop, "web", wait: null, Token)).Components[0];

        Assert.Equal(("signal", "operator"), (stopped.LastRestartCause?.Word, stopped.LastCause?.Word));
        await _bench.StopAsync();
    }

    [Fact]
    public async Task Both_outputs_of_every_component_are_in_one_log_each_and_there_is_no_err_file_anywhere()
    {
        _bench.Write(
            _bench.Component("web", "echo out; echo err >&2; exec sleep 1000"),
            _bench.Component("api", "echo err >&2; echo out; exec sleep 1000"));
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.UntilAsync("api", ComponentState.Running);
        var logs = Path.Combine(_bench.Data, "supervisor", "logs");
        await SupervisorBench.UntilAsync(
            () => new[] { "web", "api" }.All(name => File.ReadAllLines(Path.Combine(logs, name + ".log")).Length == 2),
            "what they wrote");

        Assert.Equal(["out", "err"], await File.ReadAllLinesAsync(Path.Combine(logs, "web.log"), Token));
        Assert.Equal(["err", "out"], await File.ReadAllLinesAsync(Path.Combine(logs, "api.log"), Token));
        Assert.Equal(
            ["api.log", "web.log"], Directory.GetFiles(logs).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(_bench.Data, "*.err", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_failed_start_in_words_and_backs_off()
    {
        _bench.Write(_bench.Component("web") with { Program = "/no/such/program" });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", ComponentState.Backoff);
        Assert.Equal("failed_start", status.LastCause?.Word);
        Assert.Equal(
            "could not be started: there is no file \"/no/such/program\"", status.LastCause?.Message);
        Assert.NotNull(status.NextStartAt);
    }

    [Fact]
    public async Task A_failing_liveness_probe_restarts_and_the_cause_is_the_probe()
    {
        var file = Path.Combine(_bench.Directory, "alive");
        _bench.Write(_bench.Component("web", $"touch {file}; exec sleep 1000") with { LiveFile = file });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.UntilAsync("web", one => one.Probes[0].LastOutcome is ProbeOutcome.Success, "a good probe");
        File.Delete(file);
        var status = await _bench.UntilAsync("web", one => one.Instance == 2, "another instance");
        Assert.Equal("probe", status.LastCause?.Word);
        _bench.AssertNeverTwo("web");
    }

    [Fact]
    public async Task A_readiness_probe_that_fails_shows_from_the_start_or_later_and_restarts_nothing()
    {
        var file = Path.Combine(_bench.Directory, "ready");
        _bench.Write(_bench.Component("web") with { ReadyFile = file });
        await _bench.StartAsync();
        var status = await _bench.UntilAsync("web", ComponentState.Unhealthy);
        Assert.Equal((1L, 0L, ComponentHealth.Unhealthy), (status.Instance, status.Restarts, status.Health));
        Assert.StartsWith("not ready: ", status.LastError, StringComparison.Ordinal);
        Assert.InRange(status.Probes[0].InARow, 3, int.MaxValue);
        await File.WriteAllTextAsync(file, "", Token);
        await _bench.UntilAsync("web", ComponentState.Running);
        File.Delete(file);
        status = await _bench.UntilAsync("web", ComponentState.Unhealthy);
        Assert.Equal((1L, 0L, ComponentHealth.Unhealthy), (status.Instance, status.Restarts, status.Health));
    }

    [Fact]
    public async Task Components_start_when_what_they_need_is_ready_and_stop_before_it()
    {
        var ready = Path.Combine(_bench.Directory, "ready");
        var trap = "trap 'echo {0} >> stopped; exit 0' TERM; sleep 1000 & wait";
        _bench.Write(
            _bench.Component("web", string.Format(CultureInfo.InvariantCulture, trap, "web")) with
            {
                DependsOn = new() { ["api"] = DependencyCondition.Ready, ["setup"] = DependencyCondition.Completed },
            },
            _bench.Component("api", string.Format(CultureInfo.InvariantCulture, trap, "api"))
                with
            { ReadyFile = ready },
            _bench.Component("setup", "exit 0") with { Mode = RestartMode.OnFailure });
        await _bench.StartAsync();
        var waiting = await _bench.UntilAsync("web", one => one.WaitsFor is ["api: ready"], "web to wait for api");
        Assert.Equal((ComponentState.Stopped, ComponentHealth.Starting), (waiting.State, waiting.Health));
        Assert.Empty(_bench.Instances("web"));
        await File.WriteAllTextAsync(ready, "", Token);
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.StopAsync();
        Assert.Equal(["web", "api"], await File.ReadAllLinesAsync(Path.Combine(_bench.Directory, "stopped"), Token));
    }

    [Fact]
    public async Task The_failure_of_a_need_restarts_its_dependents_only_when_they_asked_for_it()
    {
        _bench.Write(
            _bench.Component("api"),
            _bench.Component("web") with { DependsOn = new() { ["api"] = DependencyCondition.Started } },
            _bench.Component("worker") with
            {
                DependsOn = new() { ["api"] = DependencyCondition.Started },
                RestartsWith = ["api"],
            });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        await _bench.UntilAsync("worker", ComponentState.Running);
        _bench.Signal(_bench.Instances("api")[0], 9);
        await _bench.UntilAsync(
            "worker", one => one is { Instance: 2, State: ComponentState.Running }, "the worker's restart");
        Assert.Equal(1, (await _bench.StatusAsync("web")).Instance);
    }

    [Fact]
    public async Task A_reload_touches_only_what_changed_and_a_file_that_cannot_be_read_changes_nothing()
    {
        _bench.Write(_bench.Component("web"), _bench.Component("api"), _bench.Component("old"));
        await _bench.StartAsync();
        await _bench.UntilAsync("old", ComponentState.Running);
        await _bench.UntilAsync("api", ComponentState.Running);
        await File.WriteAllTextAsync(PlayedSupervisor.FileOf(_bench.Directory), "{", Token);
        var refusal = await Assert.ThrowsAsync<ControlException>(() => _bench.Client.ReloadAsync(Token));
        Assert.EndsWith("; nothing was changed", refusal.Message, StringComparison.Ordinal);

        _bench.Write(
            _bench.Component("web"),
            _bench.Component("api", "exec sleep 1001") with { Limit = 3 },
            _bench.Component("new"));
        var outcome = await _bench.Client.ReloadAsync(Token);
        Assert.Equal(["new"], outcome.Added);
        Assert.Equal(["old"], outcome.Removed);
        Assert.Equal(["api"], outcome.Changed);
        Assert.Equal(["api"], outcome.RestartPending);
        Assert.Empty(_bench.Alive("old"));
        await _bench.UntilAsync("new", ComponentState.Running);
        Assert.Single(_bench.Instances("web"));
        Assert.True((await _bench.StatusAsync("api")).RestartPending);

        // A need more is a change of its own, and restarts nobody.
        _bench.Write(
            _bench.Component("web") with { DependsOn = new() { ["api"] = DependencyCondition.Started } },
            _bench.Component("api", "exec sleep 1001") with { Limit = 3 },
            _bench.Component("new"));
        Assert.Equal(["web"], (await _bench.Client.ReloadAsync(Token)).Changed);
        Assert.Empty((await _bench.Client.ReloadAsync(Token)).Changed);
        Assert.Single(_bench.Instances("web"));

        var restarted = await _bench.Client.OrderAsync(ControlVerb.Restart, "api", wait: null, Token);
        Assert.True(restarted.Done);
        Assert.False((await _bench.StatusAsync("api")).RestartPending);
        await SupervisorBench.UntilAsync(() => _bench.Instances("api").Count == 2, "the second instance");
    }

    [Fact]
    public async Task A_reload_is_carried_out_although_who_ordered_it_hangs_up()
    {
        _bench.Write(
            _bench.Component("web"),
            _bench.Component("old", "trap '' TERM; while :; do sleep 0.05; done") with { GraceSeconds = 1 });
        await _bench.StartAsync();
        await _bench.UntilAsync("old", ComponentState.Running);
        _bench.Write(_bench.Component("web"), _bench.Component("new"));

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var reload = _bench.Client.ReloadAsync(patience.Token);
        await _bench.UntilAsync("old", ComponentState.Stopping);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reload);

        await SupervisorBench.UntilAsync(() => _bench.Instances("new").Count == 1, "the new one");
        var names = (await _bench.Client.StatusAsync(Token)).Components.Select(one => one.Name);
        Assert.Equal(["web", "new"], names);
        Assert.Empty(_bench.Alive("old"));
    }

    [Fact]
    public async Task One_that_ignores_its_signal_is_killed_after_the_grace_with_everything_it_started()
    {
        _bench.Write(
            _bench.Component("web", "trap '' TERM; (trap '' TERM; echo $$ >> web.pids; sleep 1000) & sleep 1000; wait")
                with
            { GraceSeconds = 0.2 });
        await _bench.StartAsync();
        await _bench.UntilAsync("web", ComponentState.Running);
        var outcome = await _bench.Client.OrderAsync(ControlVerb.Stop, "web", wait: null, Token);
        Assert.True(outcome.Done);
        Assert.Empty(_bench.Alive("web"));
        Assert.Equal(ComponentState.Stopped, outcome.Components[0].State);
    }

    [Fact]
    public async Task An_unknown_component_is_refused_with_the_nearest_name()
    {
        _bench.Write(_bench.Component("worker"));
        await _bench.StartAsync();
        var refusal = await Assert.ThrowsAsync<ControlException>(
            () => _bench.Client.OrderAsync(ControlVerb.Stop, "woker", wait: null, Token));
        Assert.Equal("cannot find component \"woker\": there is none of that name", refusal.Message);
        Assert.Equal("did you mean \"worker\"?", refusal.Hint);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();
}
