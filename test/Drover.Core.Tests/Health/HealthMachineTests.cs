using Drover.Core.Health;

namespace Drover.Core.Tests.Health;

/// <summary>The rules of the kubelet, one by one.</summary>
public sealed class HealthMachineTests
{
    private HealthSpec _spec = new(new ProbeSpec(), new ProbeSpec(), new ProbeSpec());
    private HealthState _state = HealthState.Initial;

    [Fact]
    public void Before_any_probe_liveness_is_success_readiness_failure_and_startup_unknown()
    {
        Start();
        Assert.Equal(ProbeResult.Unknown, _state.Startup!.Result);
        Assert.Equal(ProbeResult.Success, _state.Liveness!.Result);
        Assert.Equal(ProbeResult.Failure, _state.Readiness!.Result);
        Assert.False(_state.Ready);
    }

    [Fact]
    public void Without_probes_an_instance_is_started_and_ready_at_once()
    {
        _spec = HealthSpec.None;
        Assert.Equal([new HealthEffect.Started(1), new HealthEffect.BecameReady(1)], Start());
        Assert.Equal(
            [new HealthEffect.BecameUnready(1, "the instance ended")], Feed(new HealthInput.InstanceEnded(At(5))));
    }

    [Fact]
    public void Until_the_startup_probe_succeeds_only_it_runs_and_afterwards_it_rests()
    {
        var probe = Assert.IsType<HealthEffect.ProbeAt>(Assert.Single(Start()));
        Assert.Equal((ProbeKind.Startup, At(0)), (probe.Kind, probe.At));

        RunOnce(ProbeKind.Startup, 0, ProbeOutcome.Failure);
        Assert.Null(_state.Readiness!.Due);
        var effects = RunOnce(ProbeKind.Startup, 10, ProbeOutcome.Success);

        Assert.Contains(new HealthEffect.Started(1), effects);
        Assert.Null(_state.Startup!.Due);
        Assert.Equal(At(10), _state.Readiness!.Due);
        Assert.Equal(At(20), _state.Liveness!.Due);
    }

    [Fact]
    public void Readiness_is_asked_at_once_when_startup_completes_and_liveness_on_its_own_beat()
    {
        Start();
        RunOnce(ProbeKind.Startup, 3.5, ProbeOutcome.Success);
        Assert.Equal(At(3.5), _state.Readiness!.Due);
        Assert.Equal(At(10), _state.Liveness!.Due);
    }

    [Fact]
    public void The_initial_delay_is_counted_from_the_start_of_the_instance()
    {
        _spec = new(Readiness: new ProbeSpec { InitialDelay = At(15) });
        Start(at: 100);
        Assert.Equal(At(115), _state.Readiness!.Due);
    }

    [Fact]
    public void A_result_turns_at_its_threshold_of_equal_outcomes_in_a_row()
    {
        _spec = new(Readiness: new ProbeSpec { SuccessThreshold = 2, FailureThreshold = 3 });
        Start();
        ProbeOutcome[] outcomes =
        [
            ProbeOutcome.Success, ProbeOutcome.Failure, ProbeOutcome.Success, ProbeOutcome.Success,
            ProbeOutcome.Failure, ProbeOutcome.Failure, ProbeOutcome.Success, ProbeOutcome.Failure,
            ProbeOutcome.Failure, ProbeOutcome.Failure,
        ];
        var ready = new List<bool>();
        for (var i = 0; i < outcomes.Length; i++)
        {
            RunOnce(ProbeKind.Readiness, 10 * i, outcomes[i]);
            ready.Add(_state.Ready);
        }

        Assert.Equal([false, false, false, true, true, true, true, true, true, false], ready);
    }

    [Fact]
    public void Probe_errors_count_for_nothing_and_break_no_row()
    {
        _spec = new(Liveness: new ProbeSpec());
        Start();
        ProbeOutcome[] outcomes = [ProbeOutcome.Failure, ProbeOutcome.Error, ProbeOutcome.Failure, ProbeOutcome.Error];
        for (var i = 0; i < outcomes.Length; i++)
        {
            Assert.DoesNotContain(
                RunOnce(ProbeKind.Liveness, 10 * i, outcomes[i]), effect => effect is HealthEffect.Failed);
        }

        Assert.Contains(
            new HealthEffect.Failed(1, ProbeKind.Liveness, "Failure", null),
            RunOnce(ProbeKind.Liveness, 40, ProbeOutcome.Failure));
    }

    [Theory]
    [InlineData(ProbeKind.Startup)]
    [InlineData(ProbeKind.Liveness)]
    public void After_a_failure_it_is_on_hold_until_a_new_instance(ProbeKind kind)
    {
        _spec = kind is ProbeKind.Startup
            ? new(Startup: new ProbeSpec { FailureThreshold = 1, StopGrace = At(2) })
            : new(Liveness: new ProbeSpec { FailureThreshold = 1, StopGrace = At(2) });
        Start();
        Assert.Equal(
            [new HealthEffect.Failed(1, kind, "Failure", At(2))],
            RunOnce(kind, 0, ProbeOutcome.Failure).OfType<HealthEffect.Failed>());
        Assert.True(_state.Of(kind)!.OnHold);
        Assert.Null(_state.Of(kind)!.Due);

        Feed(new HealthInput.InstanceEnded(At(1)));
        Start(at: 2, instance: 2);
        Assert.False(_state.Of(kind)!.OnHold);
        Assert.Equal(At(2), _state.Of(kind)!.Due);
    }

    [Fact]
    public void A_new_instance_does_not_answer_for_the_failures_of_the_one_before()
    {
        _spec = new(Liveness: new ProbeSpec { FailureThreshold = 2 });
        Start();
        RunOnce(ProbeKind.Liveness, 0, ProbeOutcome.Failure);
        Feed(new HealthInput.InstanceEnded(At(5)));
        Start(at: 6, instance: 2);
        Assert.DoesNotContain(
            RunOnce(ProbeKind.Liveness, 6, ProbeOutcome.Failure), effect => effect is HealthEffect.Failed);
    }

    [Fact]
    public void During_shutdown_liveness_is_quiet_and_readiness_goes_on()
    {
        Start();
        RunOnce(ProbeKind.Startup, 0, ProbeOutcome.Success);
        RunOnce(ProbeKind.Readiness, 0, ProbeOutcome.Success);
        var run = Due(ProbeKind.Liveness, 10);
        Assert.Empty(Feed(new HealthInput.ShutdownBegan(At(10))));

        Assert.Empty(
            Feed(new HealthInput.ProbeEnded(At(10), ProbeKind.Liveness, run.Epoch, ProbeOutcome.Failure, "late")));
        Assert.Equal(ProbeResult.Success, _state.Liveness!.Result);
        Assert.True(_state.Ready);
        for (var i = 1; i <= 3; i++)
        {
            RunOnce(ProbeKind.Readiness, 10 * i, ProbeOutcome.Failure);
        }

        Assert.False(_state.Ready);
    }

    [Fact]
    public void Probes_keep_their_beat_and_make_up_for_a_missed_one_once()
    {
        _spec = new(Liveness: new ProbeSpec { Period = At(10), Timeout = At(60) });
        Start();
        RunOnce(ProbeKind.Liveness, 0.002, ProbeOutcome.Success, took: 0.3);
        Assert.Equal(At(10), _state.Liveness!.Due);

        RunOnce(ProbeKind.Liveness, 10, ProbeOutcome.Success, took: 35);
        Assert.Equal(At(45), _state.Liveness!.Due);
        RunOnce(ProbeKind.Liveness, 45, ProbeOutcome.Success, took: 0.1);
        Assert.Equal(At(50), _state.Liveness!.Due);
    }

    [Fact]
    public void Stale_timers_and_stale_results_change_nothing()
    {
        _spec = new(Liveness: new ProbeSpec { FailureThreshold = 1 });
        Start();
        var timer = _state.Liveness!.Epoch;
        var run = Due(ProbeKind.Liveness, 0);
        var before = _state;
        Assert.Empty(Feed(new HealthInput.ProbeDue(At(1), ProbeKind.Liveness, timer)));
        Assert.Empty(Feed(new HealthInput.ProbeDue(At(1), ProbeKind.Readiness, timer)));
        Assert.Equal(before, _state);

        Start(at: 2, instance: 2);
        before = _state;
        Assert.Empty(
            Feed(new HealthInput.ProbeEnded(At(3), ProbeKind.Liveness, run.Epoch, ProbeOutcome.Failure, "old")));
        Assert.Equal(before, _state);
    }

    [Fact]
    public void A_supervisor_that_starts_again_neither_forgets_a_readiness_nor_a_count_and_spreads_its_first_probes()
    {
        Start();
        RunOnce(ProbeKind.Startup, 0, ProbeOutcome.Success);
        RunOnce(ProbeKind.Readiness, 0, ProbeOutcome.Success);
        RunOnce(ProbeKind.Liveness, 10, ProbeOutcome.Failure);

        var effects = Feed(new HealthInput.InstanceAdopted(At(500), 1, At(0), Spread: 0.5));
        Assert.All(effects, effect => Assert.Equal(At(505), Assert.IsType<HealthEffect.ProbeAt>(effect).At));
        Assert.Equal(
            [ProbeKind.Liveness, ProbeKind.Readiness],
            effects.Cast<HealthEffect.ProbeAt>().Select(probe => probe.Kind));
        Assert.True(_state.Ready);
        Assert.Equal(1, _state.Liveness!.InARow);
    }

    [Fact]
    public void A_failure_nobody_acted_on_before_the_supervisor_went_away_is_said_again()
    {
        _spec = new(Liveness: new ProbeSpec { FailureThreshold = 1 });
        Start();
        RunOnce(ProbeKind.Liveness, 0, ProbeOutcome.Failure);
        Assert.Contains(
            new HealthEffect.Failed(1, ProbeKind.Liveness, "Failure", null),
            Feed(new HealthInput.InstanceAdopted(At(9), 1, At(0), 0)));
    }

    [Fact]
    public void Every_phase_answers_every_input()
    {
        HealthInput[] inputs =
        [
            new HealthInput.InstanceStarted(At(50), 9),
            new HealthInput.InstanceAdopted(At(50), 1, At(0), 0),
            new HealthInput.InstanceAdopted(At(50), 9, At(0), 1),
            new HealthInput.InstanceEnded(At(50)),
            new HealthInput.ShutdownBegan(At(50)),
            new HealthInput.ProbesChanged(At(50), At(0), Enum.GetValues<ProbeKind>()),
            .. from kind in Enum.GetValues<ProbeKind>() from epoch in Enumerable.Range(0, 12)
               select new HealthInput.ProbeDue(At(50), kind, epoch),
            .. from kind in Enum.GetValues<ProbeKind>() from epoch in Enumerable.Range(0, 12)
               from outcome in Enum.GetValues<ProbeOutcome>()
               select new HealthInput.ProbeEnded(At(50), kind, epoch, outcome, "said"),
        ];
        var kinds =
            typeof(HealthInput).GetNestedTypes().Where(type => type.IsSubclassOf(typeof(HealthInput))).ToHashSet();
        Assert.Equal(kinds, [.. inputs.Select(input => input.GetType())]);

        foreach (var state in Shapes())
        {
            foreach (var input in inputs)
            {
                var next = HealthMachine.Decide(_spec, state, input).Next;
                var what = $"{state} <- {input} = {next}";
                Assert.True(next.Phase is not HealthPhase.Idle || !next.Ready, what);
                Assert.True(
                    next.Phase is HealthPhase.Running || next.Liveness is null or { Due: null, RunningSince: null },
                    what);
                Assert.True(next.Epoch >= state.Epoch, what);
                Assert.All(Enum.GetValues<ProbeKind>(), kind => Assert.False(
                    next.Of(kind) is { Due: not null, RunningSince: not null }, what));
            }
        }
    }

    [Theory]
    [InlineData(ProbeKind.Liveness, 2, 3, "success_threshold")]
    [InlineData(ProbeKind.Startup, 2, 3, "success_threshold")]
    [InlineData(ProbeKind.Readiness, 0, 3, "success_threshold")]
    [InlineData(ProbeKind.Readiness, 1, 0, "failure_threshold")]
    [InlineData(ProbeKind.Readiness, 2, 3, null)]
    public void A_probe_that_makes_no_sense_is_named_by_its_key(
        ProbeKind kind, int successes, int failures, string? key)
    {
        var fault = new ProbeSpec { SuccessThreshold = successes, FailureThreshold = failures }.Fault(kind);
        Assert.Equal(key, fault?.Split(' ')[0]);
    }

    [Fact]
    public void A_readiness_that_never_succeeded_is_told_once_when_its_failures_after_startup_reach_the_threshold()
    {
        _spec = new(Startup: new ProbeSpec(), Readiness: new ProbeSpec { FailureThreshold = 3 });
        Start();
        RunOnce(ProbeKind.Startup, 0, ProbeOutcome.Success);
        var told = new List<int>();
        for (var run = 1; run <= 22; run++)
        {
            // An error says nothing of the instance and counts for nothing.
            RunOnce(ProbeKind.Readiness, (20 * run) - 10, ProbeOutcome.Error);
            var effects = RunOnce(ProbeKind.Readiness, 20 * run, ProbeOutcome.Failure);
            if (effects.Contains(new HealthEffect.BecameUnready(1, "Failure")))
            {
                told.Add(run);
            }
        }

        Assert.Equal([3], told);
        Assert.Equal((ProbeResult.Failure, false), (_state.Readiness!.Result, _state.Ready));
        Assert.Contains(new HealthEffect.BecameReady(1), RunOnce(ProbeKind.Readiness, 900, ProbeOutcome.Success));
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>The shapes a state passes through in a life with all three probes.</summary>
    private List<HealthState> Shapes()
    {
        List<HealthState> shapes = [_state];
        Start();
        shapes.Add(_state);
        Due(ProbeKind.Startup, 0);
        shapes.Add(_state);
        Feed(new HealthInput.ProbeEnded(At(0), ProbeKind.Startup, _state.Startup!.Epoch, ProbeOutcome.Success, "up"));
        shapes.Add(_state);
        RunOnce(ProbeKind.Readiness, 0, ProbeOutcome.Success);
        shapes.Add(_state);
        Due(ProbeKind.Liveness, 10);
        shapes.Add(_state);
        Feed(new HealthInput.ShutdownBegan(At(11)));
        shapes.Add(_state);
        Feed(new HealthInput.InstanceEnded(At(12)));
        shapes.Add(_state);
        return shapes;
    }

    private IReadOnlyList<HealthEffect> Start(double at = 0, long instance = 1) =>
        Feed(new HealthInput.InstanceStarted(At(at), instance));

    private HealthEffect.RunProbe Due(ProbeKind kind, double at) => Assert.IsType<HealthEffect.RunProbe>(
        Assert.Single(Feed(new HealthInput.ProbeDue(At(at), kind, _state.Of(kind)!.Epoch))));

    private IReadOnlyList<HealthEffect> RunOnce(ProbeKind kind, double at, ProbeOutcome outcome, double took = 0)
    {
        var run = Due(kind, at);
        return Feed(new HealthInput.ProbeEnded(At(at + took), kind, run.Epoch, outcome, outcome.ToString()));
    }

    private IReadOnlyList<HealthEffect> Feed(HealthInput input)
    {
        var transition = HealthMachine.Decide(_spec, _state, input);
        _state = transition.Next;
        return transition.Effects;
    }
}
