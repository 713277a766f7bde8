using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Core.Health;

namespace Drover.Core.Tests.Components;

public sealed class ComponentMachineTests
{
    private static readonly EndCause Crash = new EndCause.Exit(1);

    private Component _component = new(new ComponentId("web"), new ComponentSpec(), ComponentRuntime.Initial);
    private double _now;

    private ComponentRuntime Runtime => _component.Runtime;

    private TimeSpan Now => TimeSpan.FromSeconds(_now);

    [Fact]
    public void A_start_launches_and_readiness_makes_it_run()
    {
        var effects = Feed(new Input.Start(Now));
        Assert.Equal([new Effect.Launch(1)], effects);
        Assert.Equal(ComponentState.Starting, Runtime.State);

        effects = Feed(new Input.Launched(Now, 1));
        Assert.Contains(new Effect.TellHealth(new HealthInput.InstanceStarted(Now, 1)), effects);
        Assert.Equal(ComponentState.Starting, Runtime.State);

        Feed(new Input.BecameReady(Now, 1));
        Assert.Equal(ComponentState.Running, Runtime.State);
    }

    [Fact]
    public void Readiness_that_goes_and_comes_shows_and_restarts_nothing()
    {
        Run();
        Assert.Equal([EventTypes.ComponentUnhealthy], Events(Feed(new Input.BecameUnready(Now, 1, "503"))));
        Assert.Equal(ComponentState.Unhealthy, Runtime.State);
        Assert.Equal([EventTypes.ComponentReady], Events(Feed(new Input.BecameReady(Now, 1))));
        Assert.Equal((ComponentState.Running, 1L), (Runtime.State, Runtime.Instance));
    }

    [Fact]
    public void An_instance_that_fails_its_readiness_from_the_start_is_unhealthy_and_told_and_runs_once_it_is_ready()
    {
        Feed(new Input.Start(Now));
        Feed(new Input.Launched(Now, 1));
        Assert.Equal([EventTypes.ComponentUnhealthy], Events(Feed(new Input.BecameUnready(Now, 1, "503"))));
        Assert.Equal(ComponentState.Unhealthy, Runtime.State);
        Assert.Empty(Feed(new Input.BecameUnready(Now, 1, "503")));
        Assert.Equal([EventTypes.ComponentReady], Events(Feed(new Input.BecameReady(Now, 1))));
        Assert.Equal((ComponentState.Running, 1L), (Runtime.State, Runtime.Instance));
    }

    [Fact]
    public void After_a_run_of_min_uptime_the_first_restart_is_immediate_and_counts()
    {
        Run();
        _now += 10;
        var effects = Feed(new Input.Exited(Now, 1, Crash));

        Assert.Contains(new Effect.Launch(2), effects);
        Assert.Equal(1, Runtime.Restarts);
        Assert.Equal(1, Runtime.Ledger.CountWithin(TimeSpan.FromMinutes(10), Now));
        Assert.Equal(Now, Runtime.LastRestartAt);
    }

    [Fact]
    public void A_stale_timer_never_wakes_it_early()
    {
        Run();
        Feed(new Input.Exited(Now, 1, Crash));
        var stale = Runtime.Epoch;
        Feed(new Input.Stop(Now));
        Feed(new Input.Start(Now));
        Feed(new Input.LaunchFailed(Now, 2, Crash));
        Assert.Equal(ComponentState.Backoff, Runtime.State);

        Assert.Empty(Feed(new Input.Woke(Now, stale)));
        Assert.Equal([new Effect.Launch(3)], Feed(new Input.Woke(Now, Runtime.Epoch)));
    }

    [Theory]
    [InlineData(RestartMode.Always, 0, ComponentState.Backoff)]
    [InlineData(RestartMode.Always, 1, ComponentState.Backoff)]
    [InlineData(RestartMode.OnFailure, 0, ComponentState.Stopped)]
    [InlineData(RestartMode.OnFailure, 1, ComponentState.Backoff)]
    [InlineData(RestartMode.Never, 0, ComponentState.Stopped)]
    [InlineData(RestartMode.Never, 1, ComponentState.Stopped)]
    public void The_restart_policy_decides_after_an_exit(RestartMode mode, int code, ComponentState expected)
    {
        Configure(new ComponentSpec { Restart = new RestartPolicy { Mode = mode } });
        Run();
        Feed(new Input.Exited(Now, 1, new EndCause.Exit(code)));
        Assert.Equal(expected, Runtime.State);
        Assert.Equal(expected is ComponentState.Stopped && code == 0, Runtime.IsCompleted);
    }

    [Fact]
    public void A_failed_probe_ends_the_instance_by_signal_grace_and_kill_and_stays_the_cause()
    {
        Run();
        _now += 60;
        var effects =
            Feed(new Input.ProbeFailed(Now, 1, ProbeKind.Liveness, "no answer in 1 s", TimeSpan.FromSeconds(3)));
        Assert.Contains(new Effect.Signal(1, "SIGTERM"), effects);
        Assert.Contains(new Effect.TellHealth(new HealthInput.ShutdownBegan(Now)), effects);
        Assert.Equal(TimeSpan.FromSeconds(63), Runtime.WakeAt);

        _now += 3;
        Assert.Contains(new Effect.Kill(1), Feed(new Input.Woke(Now, Runtime.Epoch)));
        effects = Feed(new Input.Exited(Now, 1, new EndCause.Signal("SIGKILL")));

        Assert.Equal(new EndCause.Probe(ProbeKind.Liveness, "no answer in 1 s"), Runtime.LastCause);
        Assert.Contains(new Effect.Launch(2), effects);
    }

    [Fact]
    public void An_instance_that_survives_its_kill_is_killed_again_and_reported_once()
    {
        Run();
        Feed(new Input.Stop(Now));
        var stuck = 0;
        for (var kill = 1; kill <= 5; kill++)
        {
            var effects = Feed(new Input.Woke(Now, Runtime.Epoch));
            Assert.Contains(new Effect.Kill(1), effects);
            stuck += Events(effects).Count(type => type == EventTypes.ComponentStuck);
        }

        Assert.Equal(1, stuck);
        Feed(new Input.Exited(Now, 1, Crash));
        Assert.Equal(ComponentState.Stopped, Runtime.State);
    }

    [Fact]
    public void A_stop_while_the_launch_is_on_its_way_ends_the_instance_as_soon_as_it_lives()
    {
        Feed(new Input.Start(Now));
        Assert.Equal([new Effect.CancelLaunch(1)], Feed(new Input.Stop(Now)));
        Assert.Equal(ComponentState.Stopping, Runtime.State);

        Assert.Contains(new Effect.Signal(1, "SIGTERM"), Feed(new Input.Launched(Now, 1)));
        Feed(new Input.Exited(Now, 1, new EndCause.Signal("SIGTERM")));
        Assert.Equal((ComponentState.Stopped, new EndCause.Operator()), (Runtime.State, Runtime.LastCause));
    }

    [Fact]
    public void An_exit_reported_before_its_launch_counts_and_the_late_report_changes_nothing()
    {
        Feed(new Input.Start(Now));
        Feed(new Input.Exited(Now, 1, Crash));
        Assert.Equal(ComponentState.Backoff, Runtime.State);

        Assert.Empty(Feed(new Input.Launched(Now, 1)));
        Assert.Equal(ComponentState.Backoff, Runtime.State);
    }

    [Fact]
    public void Where_no_uptime_is_asked_for_an_exit_before_its_launch_was_reported_is_a_good_run_too()
    {
        Configure(new ComponentSpec { Restart = new RestartPolicy { MinUptime = TimeSpan.Zero } });
        Feed(new Input.Start(Now));
        Assert.Contains(new Effect.Launch(2), Feed(new Input.Exited(Now, 1, Crash)));
        Feed(new Input.LaunchFailed(Now, 2, Crash));
        Assert.Equal((ComponentState.Backoff, 1), (Runtime.State, Runtime.BadRuns));
    }

    [Fact]
    public void An_ordered_restart_counts_towards_nothing_and_begins_a_new_account()
    {
        Run();
        Feed(new Input.Exited(Now, 1, Crash));
        Assert.Equal([new Effect.Launch(2)], Feed(new Input.Restart(Now)));
        Assert.Equal((0, 0, 0), (Runtime.BadRuns, (int)Runtime.Restarts, Runtime.Ledger.Times.Length));

        Feed(new Input.Launched(Now, 2));
        Feed(new Input.Restart(Now));
        Assert.Contains(new Effect.Launch(3), Feed(new Input.Exited(Now, 2, new EndCause.Signal("SIGTERM"))));
        Assert.Equal(0, Runtime.Restarts);
    }

    [Fact]
    public void After_failed_there_is_one_try_and_dying_early_returns_straight_to_failed()
    {
        ExhaustLimit();
        var failedAt = _now;
        Assert.Equal(TimeSpan.FromSeconds(failedAt + 600), Runtime.WakeAt);

        _now = failedAt + 600;
        var launched = Feed(new Input.Woke(Now, Runtime.Epoch));
        Assert.Equal([new Effect.Launch(Runtime.Instance)], launched);
        Feed(new Input.Launched(Now, Runtime.Instance));
        _now += 9;
        var effects = Feed(new Input.Exited(Now, Runtime.Instance, Crash));

        Assert.Equal(ComponentState.Failed, Runtime.State);
        Assert.DoesNotContain(EventTypes.RestartExhausted, Events(effects));
    }

    [Fact]
    public void A_try_after_failed_that_runs_well_is_restarted_again_like_any_other()
    {
        ExhaustLimit();
        _now += 600;
        Feed(new Input.Woke(Now, Runtime.Epoch));
        Feed(new Input.Launched(Now, Runtime.Instance));
        _now += 10;
        Assert.Contains(new Effect.Launch(Runtime.Instance + 1), Feed(new Input.Exited(Now, Runtime.Instance, Crash)));
    }

    [Fact]
    public void With_retry_after_zero_failed_is_for_ever()
    {
        Configure(new ComponentSpec { Restart = new RestartPolicy { RetryAfter = TimeSpan.Zero } });
        ExhaustLimit();
        Assert.Null(Runtime.WakeAt);
        Assert.Empty(Feed(new Input.Woke(Now, Runtime.Epoch)));
        Assert.NotEmpty(Feed(new Input.Start(Now)));
    }

    [Fact]
    public void A_watched_component_is_never_launched_or_signalled()
    {
        Configure(new ComponentSpec { Ownership = Ownership.Watched });
        List<Effect> effects = [.. Feed(new Input.Start(Now))];
        effects.AddRange(Feed(new Input.BecameReady(Now, 1)));
        effects.AddRange(Feed(new Input.BecameUnready(Now, 1, "refused")));
        Assert.Equal(ComponentState.Unhealthy, Runtime.State);
        effects.AddRange(Feed(new Input.Recovered(Now, IsAlive: false)));
        effects.AddRange(Feed(new Input.Restart(Now)));
        effects.AddRange(Feed(new Input.Stop(Now)));

        Assert.Equal(ComponentState.Stopped, Runtime.State);
        Assert.DoesNotContain(effects, effect => effect is Effect.Launch or Effect.Signal or Effect.Kill);
    }

    [Fact]
    public void A_supervisor_that_starts_again_adopts_what_lives_and_restarts_what_died_meanwhile()
    {
        Run();
        _now += 100;
        var adopted = Feed(new Input.Recovered(Now, IsAlive: true));
        Assert.Contains(new Effect.TellHealth(new HealthInput.InstanceAdopted(Now, 1, TimeSpan.Zero, 0.5)), adopted);
        Assert.Equal((ComponentState.Running, 1L), (Runtime.State, Runtime.Instance));

        Assert.Contains(new Effect.Launch(2), Feed(new Input.Recovered(Now, IsAlive: false)));
        Assert.Equal(new EndCause.Unknown(), Runtime.LastCause);
    }

    [Fact]
    public void What_ended_while_the_supervisor_was_away_is_judged_by_how_it_ended_where_that_can_be_told()
    {
        Configure(new ComponentSpec { Restart = new RestartPolicy { Mode = RestartMode.OnFailure } });
        Run();
        var effects = Feed(new Input.Recovered(Now, IsAlive: false) { Cause = new EndCause.Exit(0) });
        Assert.DoesNotContain(effects, effect => effect is Effect.Launch or Effect.Wake);
        Assert.True(Runtime.IsCompleted);
    }

    [Fact]
    public void An_instance_whose_launch_was_not_recorded_is_adopted_with_the_start_it_really_had()
    {
        Feed(new Input.Start(Now));
        _now += 30;
        Feed(new Input.Recovered(Now, IsAlive: true) { StartedAt = TimeSpan.FromSeconds(2) });
        Assert.Equal((InstancePhase.Alive, 1L), (Runtime.Phase, Runtime.Instance));
        Assert.Equal(TimeSpan.FromSeconds(2), Runtime.StartedAt);
    }

    [Fact]
    public void After_a_reboot_counts_are_kept_and_instants_are_not()
    {
        Run();
        Feed(new Input.Exited(Now, 1, Crash));
        var before = Runtime;
        var after = before.AfterReboot();
        Assert.Equal((ComponentState.Stopped, InstancePhase.None), (after.State, after.Phase));
        Assert.Equal(
            (before.Instance, before.Restarts, before.LastCause), (after.Instance, after.Restarts, after.LastCause));
        Assert.Equal(((TimeSpan?)null, (TimeSpan?)null, 0), (after.StartedAt, after.WakeAt, after.Ledger.Times.Length));
        Assert.True(after.Epoch > before.Epoch);
    }

    [Fact]
    public void A_supervisor_that_starts_again_keeps_the_wait_of_a_backoff()
    {
        Run();
        Feed(new Input.Exited(Now, 1, Crash));
        var (at, epoch) = (Runtime.WakeAt, Runtime.Epoch);
        var effect = Assert.IsType<Effect.Wake>(Assert.Single(Feed(new Input.Recovered(Now, IsAlive: false))));
        Assert.Equal(at, effect.At);
        Assert.NotEqual(epoch, effect.Epoch);
    }

    private void ExhaustLimit()
    {
        Feed(new Input.Start(Now));
        while (Runtime.State is not ComponentState.Failed)
        {
            Assert.InRange(Runtime.Restarts, 0, 10);
            Feed(new Input.Exited(Now, Runtime.Instance, Crash));
            if (Runtime is { State: ComponentState.Backoff, WakeAt: { } at })
            {
                _now = at.TotalSeconds;
                Feed(new Input.Woke(Now, Runtime.Epoch));
            }
        }
    }

    private void Configure(ComponentSpec spec)
    {
        Assert.Null(spec.Fault());
        _component = _component with { Spec = spec };
    }

    private void Run()
    {
        Feed(new Input.Start(Now));
        Feed(new Input.Launched(Now, 1));
        Feed(new Input.BecameReady(Now, 1));
    }

    private static IEnumerable<EventType> Events(IEnumerable<Effect> effects) =>
        effects.OfType<Effect.Emit>().Select(emit => emit.Type);

    private IReadOnlyList<Effect> Feed(Input input)
    {
        var transition = ComponentMachine.Decide(_component, input);
        _component = transition.Next;
        return transition.Effects;
    }
}
