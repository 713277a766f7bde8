using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;

namespace Drover.Supervisor.Tests.Components;

public sealed class ComponentRunnerTests : IAsyncDisposable
{
    private static readonly EndCause Crash = new EndCause.Exit(1);
    private readonly RunnerBench _bench = new();

    private ComponentRuntime Runtime => _bench.Runner.View.Runtime;

    [Fact]
    public async Task What_was_decided_is_on_disk_before_it_is_done()
    {
        var seen = new List<(InstancePhase? Phase, long? Instance, int? Pid)>();
        await _bench.StartAsync(driver => driver.Launching = _ =>
        {
            var record = _bench.OnDisk();
            seen.Add((record?.Runtime.Phase, record?.Runtime.Instance, record?.Instance?.Process?.Pid));
        });
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(60));
        await _bench.EndAsync(Crash);

        // Of each launch the order was on disk, and nothing of an identity yet: that comes right after.
        Assert.Equal([(InstancePhase.Launching, 1, null), (InstancePhase.Launching, 2, null)], seen);
        Assert.Equal(1002, _bench.OnDisk()?.Instance?.Process?.Pid);
    }

    [Fact]
    public async Task A_good_run_is_followed_at_once_by_another_and_bad_ones_by_1_2_4_8_16_32_60_60_seconds()
    {
        _bench.Spec = new ComponentSpec { Restart = new RestartPolicy { Limit = 20 } };
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(10));
        await _bench.EndAsync(Crash);
        Assert.Equal((ComponentState.Running, 2L), (_bench.State, Runtime.Instance));

        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            await _bench.EndAsync(Crash);
            Assert.Equal(ComponentState.Backoff, _bench.State);
            await _bench.AdvanceAsync(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(ComponentState.Backoff, _bench.State);
            await _bench.AdvanceAsync(TimeSpan.FromMilliseconds(1));
            Assert.Equal(ComponentState.Running, _bench.State);
        }
    }

    [Fact]
    public async Task An_end_that_is_told_before_its_launch_was_a_run_and_of_no_time()
    {
        await _bench.StartAsync(driver => driver.Launching =
            instance => ((IInstanceReports)_bench.Runner).Exited(instance, Crash));
        await _bench.OrderAsync(new Input.Start(default));

        Assert.Equal(ComponentState.Backoff, _bench.State);
        Assert.Equal(0, Assert.Single(_bench.History).UptimeSeconds);
    }

    [Fact]
    public async Task Ten_restarts_in_ten_minutes_end_in_failed_and_one_try_comes_after_ten_minutes()
    {
        await _bench.StartAsync(driver => driver.Refusal = new EndCause.FailedStart("no such file"));
        await _bench.OrderAsync(new Input.Start(default));
        while (_bench.State is ComponentState.Backoff)
        {
            Assert.True(_bench.Clock.AdvanceToNextTimer());
            await _bench.SettleAsync();
        }

        Assert.Equal(ComponentState.Failed, _bench.State);
        Assert.Equal(10, Runtime.Restarts);
        Assert.Equal(TimeSpan.FromSeconds(303), _bench.Clock.Elapsed);
        Assert.Contains("restart.exhausted", _bench.Events);

        await _bench.AdvanceAsync(TimeSpan.FromMinutes(10));
        Assert.Equal((ComponentState.Failed, 12L), (_bench.State, Runtime.Instance));
    }

    [Fact]
    public async Task A_jump_of_the_wall_clock_moves_no_restart_and_no_probe()
    {
        _bench.Spec = new ComponentSpec { Health = new HealthSpec(Liveness: new ProbeSpec()) };
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await ProbesAsync(1);
        _bench.Clock.JumpWallClock(TimeSpan.FromDays(-400));
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Single(_bench.Prober.Runs);
        await _bench.EndAsync(Crash);
        _bench.Clock.JumpWallClock(TimeSpan.FromDays(4000));
        await _bench.AdvanceAsync(TimeSpan.FromMilliseconds(999));
        Assert.Equal(ComponentState.Backoff, _bench.State);
        await _bench.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ComponentState.Running, _bench.State);
    }

    [Fact]
    public async Task A_liveness_probe_that_fails_three_times_ends_the_instance_and_is_on_hold_until_the_next()
    {
        _bench.Spec = new ComponentSpec { Health = new HealthSpec(Liveness: new ProbeSpec()) };
        _bench.Prober.Answers(ProbeKind.Liveness, ProbeOutcome.Failure);
        await _bench.StartAsync(driver => driver.HearsSignals = false);
        await _bench.OrderAsync(new Input.Start(default));
        await ProbesAsync(1);
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(10));
        await ProbesAsync(2);
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(10));
        await ProbesAsync(3);
        await _bench.UntilAsync(ComponentState.Stopping);
        Assert.Equal(["recover 0", "launch 1", "signal 1 SIGTERM"], _bench.Driver.Done);

        // Nobody asks it while it is being stopped; the grace over, it is killed and judged by its probe.
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(9.999));
        Assert.Equal(3, _bench.Prober.Runs.Count);
        _bench.Prober.Answers(ProbeKind.Liveness, ProbeOutcome.Success);
        await _bench.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        await _bench.UntilAsync(ComponentState.Running);
        Assert.Equal("kill 1", _bench.Driver.Done[3]);
        var entry = Assert.Single(_bench.History);
        Assert.Equal(("probe", "SIGKILL", HistoryOutcome.Restarted), (entry.Cause, entry.Signal, entry.Outcome));
        Assert.Equal("Liveness says Failure", Assert.Single(entry.Probes).Message);
    }

    [Fact]
    public async Task A_probe_that_hangs_or_keeps_its_thread_delays_nothing_else_of_its_component()
    {
        using var until = new ManualResetEventSlim();
        _bench.Spec = new ComponentSpec
        {
            Health = new HealthSpec(Liveness: new ProbeSpec(), Readiness: new ProbeSpec()),
        };
        _bench.Prober.Blocks(ProbeKind.Liveness, until);
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.UntilAsync(ComponentState.Running);
        await _bench.OrderAsync(new Input.Stop(default));
        await _bench.UntilAsync(ComponentState.Stopped);
        until.Set();
    }

    [Fact]
    public async Task A_probe_that_throws_counts_for_nothing()
    {
        _bench.Spec = new ComponentSpec
        {
            Health = new HealthSpec(Liveness: new ProbeSpec { FailureThreshold = 1 }),
        };
        _bench.Prober.Throws(ProbeKind.Liveness);
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.Runner.WaitAsync(
            view => view.Health.Liveness?.Message.Length > 0, TestContext.Current.CancellationToken);
        Assert.Equal(ComponentState.Running, _bench.State);
        Assert.Equal(
            "the probe itself failed: a defect of the probe", _bench.Runner.View.Health.Liveness?.Message);
    }

    [Fact]
    public async Task A_supervisor_that_was_killed_adopts_what_lives_with_counters_and_readiness()
    {
        _bench.Spec = new ComponentSpec { Health = new HealthSpec(Readiness: new ProbeSpec()) };
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.UntilAsync(ComponentState.Running);
        await _bench.EndAsync(Crash);
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(1));
        await _bench.UntilAsync(ComponentState.Running);
        var before = Runtime;

        await _bench.KillAndStartAgainAsync(
            driver => driver.Found = new Recovery.Alive(FakeDriver.RecordOf(2), StartedAt: null));
        Assert.Equal(["recover 2 1002"], _bench.Driver.Done);
        Assert.Equal(ComponentState.Running, _bench.State);
        Assert.Equal(
            (before.Instance, before.Restarts, before.StartedAt),
            (Runtime.Instance, Runtime.Restarts, Runtime.StartedAt));
        Assert.Equal(before.Ledger.Times, Runtime.Ledger.Times);
        Assert.True(_bench.Runner.View.Health.Ready);
        Assert.Contains("component.adopted", _bench.Events);
    }

    [Fact]
    public async Task A_supervisor_that_was_killed_during_a_launch_makes_no_second_instance_of_that_number()
    {
        await _bench.StartAsync(driver => driver.Launching = _ => throw new KilledException());
        _bench.Runner.Post(new Input.Start(default));
        await Assert.ThrowsAsync<KilledException>(() => _bench.Runner.Completion);

        await _bench.KillAndStartAgainAsync();
        Assert.Equal("recover 1", _bench.Driver.Done[0]);
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(["recover 1", "launch 2"], _bench.Driver.Done);
    }

    [Fact]
    public async Task A_backoff_goes_on_over_a_restart_of_the_supervisor()
    {
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.EndAsync(Crash);
        await _bench.AdvanceAsync(TimeSpan.FromMilliseconds(600));
        await _bench.KillAndStartAgainAsync();
        Assert.Equal(ComponentState.Backoff, _bench.State);
        await _bench.AdvanceAsync(TimeSpan.FromMilliseconds(399));
        Assert.Equal(ComponentState.Backoff, _bench.State);
        await _bench.AdvanceAsync(TimeSpan.FromMilliseconds(1));
        Assert.Equal(ComponentState.Running, _bench.State);
    }

    [Fact]
    public async Task After_a_reboot_nothing_is_looked_for_and_counts_go_on()
    {
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.EndAsync(Crash);
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(1));
        _bench.Boot = "another boot";
        await _bench.KillAndStartAgainAsync();
        Assert.Equal(["recover 0"], _bench.Driver.Done);
        Assert.Equal((ComponentState.Stopped, 2L, 1L), (_bench.State, Runtime.Instance, Runtime.Restarts));
        await _bench.OrderAsync(new Input.Start(default));
        Assert.Equal(3, Runtime.Instance);
    }

    [Fact]
    public async Task How_something_ended_while_the_supervisor_was_away_is_judged_where_it_can_be_told()
    {
        _bench.Spec = new ComponentSpec { Restart = new RestartPolicy { Mode = RestartMode.OnFailure } };
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        await _bench.KillAndStartAgainAsync(driver => driver.Found = new Recovery.Gone(new EndCause.Exit(0)));
        Assert.True(Runtime.IsCompleted);
        Assert.Equal(0, Assert.Single(_bench.History).ExitCode);
    }

    [Fact]
    public async Task What_cannot_be_seen_is_not_called_healthy_and_is_told_once_and_so_is_its_return()
    {
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        foreach (var why in new[] { "no engine", "no engine", "a slow engine", null })
        {
            _bench.Driver.See(why);
            await _bench.SettleAsync();
            Assert.Equal(
                why is null ? ComponentHealth.Healthy : ComponentHealth.Unknown,
                StatusBuilder.HealthOf(_bench.Runner.View));
            Assert.Equal(why, _bench.Runner.View.Unseen);
            Assert.Equal((ComponentState.Running, 1L), (_bench.State, Runtime.Instance));
        }

        Assert.Equal(["component.unseen", "component.seen"], _bench.Events.TakeLast(2));
        Assert.Single(_bench.Events, name => name == "component.unseen");
    }

    [Fact]
    public async Task What_ends_unseen_is_as_any_other_end_and_the_next_instance_is_seen()
    {
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        _bench.Driver.See("no engine");
        await _bench.AdvanceAsync(TimeSpan.FromSeconds(60));
        await _bench.EndAsync(Crash);
        Assert.Equal((ComponentState.Running, 2L), (_bench.State, Runtime.Instance));
        Assert.Null(_bench.Runner.View.Unseen);
    }

    [Fact]
    public async Task A_healthy_component_writes_nothing()
    {
        _bench.Spec = new ComponentSpec { Health = new HealthSpec(Liveness: new ProbeSpec()) };
        await _bench.StartAsync();
        await _bench.OrderAsync(new Input.Start(default));
        for (var run = 1; run <= 5; run++)
        {
            await ProbesAsync(run);
            await _bench.AdvanceAsync(TimeSpan.FromSeconds(10));
        }

        var length = new FileInfo(_bench.StatePath).Length;
        for (var run = 6; run <= 20; run++)
        {
            await ProbesAsync(run);
            await _bench.AdvanceAsync(TimeSpan.FromSeconds(10));
        }

        Assert.Equal(length, new FileInfo(_bench.StatePath).Length);
    }

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    /// <summary>Returns when that many runs have been judged.</summary>
    private async Task ProbesAsync(int count)
    {
        var limit = DateTime.UtcNow.AddSeconds(20);
        while (_bench.Prober.Runs.Count < count || _bench.Runner.View.Health.Liveness?.RunningSince is not null)
        {
            Assert.True(DateTime.UtcNow < limit, $"no {count} runs of the probe");
            await _bench.SettleAsync();
        }
    }

    private sealed class KilledException : Exception;
}
