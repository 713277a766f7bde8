using Drover.Core.Health;

namespace Drover.Core.Tests.Health;

/// <summary>What becomes of probes when the user's file changes under an instance that runs.</summary>
public sealed class ProbeChangeTests
{
    private static readonly ProbeSpec Strict = new() { FailureThreshold = 1 };

    private HealthSpec _spec = HealthSpec.None;
    private HealthState _state = HealthState.Initial;

    [Fact]
    public void A_probe_that_is_added_counts_from_then_on_under_the_instance_that_runs()
    {
        Start();
        var effects = Change(42, new HealthSpec(Liveness: Strict), ProbeKind.Liveness);
        Assert.Equal(At(42), Assert.IsType<HealthEffect.ProbeAt>(Assert.Single(effects)).At);
        Assert.Equal(
            new HealthEffect.Failed(1, ProbeKind.Liveness, "Failure", null),
            Assert.Single(RunOnce(ProbeKind.Liveness, 42, ProbeOutcome.Failure)));
    }

    [Fact]
    public void An_initial_delay_that_is_added_is_counted_from_the_start_of_the_instance()
    {
        Start();
        Change(20, new HealthSpec(Liveness: Strict with { InitialDelay = At(30) }), ProbeKind.Liveness);
        Assert.Equal(At(30), _state.Liveness!.Due);
    }

    [Fact]
    public void A_readiness_probe_that_is_added_makes_nothing_unready_before_it_has_failed_as_often_as_it_may()
    {
        Start();
        Assert.True(_state.Ready);
        Change(42, new HealthSpec(Readiness: new ProbeSpec { FailureThreshold = 2 }), ProbeKind.Readiness);
        Assert.True(_state.Ready);
        RunOnce(ProbeKind.Readiness, 42, ProbeOutcome.Failure);
        Assert.True(_state.Ready);
        Assert.Contains(
            new HealthEffect.BecameUnready(1, "Failure"), RunOnce(ProbeKind.Readiness, 52, ProbeOutcome.Failure));
    }

    [Fact]
    public void A_readiness_probe_that_is_changed_does_not_make_ready_what_was_not()
    {
        _spec = new(Readiness: new ProbeSpec());
        Start();
        Change(5, new HealthSpec(Readiness: new ProbeSpec { Period = At(2) }), ProbeKind.Readiness);
        Assert.False(_state.Ready);
        RunOnce(ProbeKind.Readiness, 5, ProbeOutcome.Success);
        Assert.True(_state.Ready);
    }

    [Fact]
    public void A_readiness_probe_that_is_removed_holds_nothing_back()
    {
        _spec = new(Readiness: new ProbeSpec());
        Start();
        Assert.Equal([new HealthEffect.BecameReady(1)], Change(5, HealthSpec.None, ProbeKind.Readiness));
    }

    [Fact]
    public void A_startup_probe_that_is_added_too_late_rests_until_the_next_instance()
    {
        Start();
        Assert.Empty(Change(5, new HealthSpec(Startup: Strict), ProbeKind.Startup));
        Assert.True(_state.Ready);
        Feed(new HealthInput.InstanceEnded(At(6)));
        Start(at: 7, instance: 2);
        Assert.False(_state.Started);
        Assert.Equal(At(7), _state.Startup!.Due);
    }

    [Fact]
    public void A_startup_probe_that_is_removed_before_it_succeeded_lets_the_others_begin()
    {
        _spec = new(Startup: new ProbeSpec(), Liveness: new ProbeSpec());
        Start();
        RunOnce(ProbeKind.Startup, 0, ProbeOutcome.Failure);
        Assert.Null(_state.Liveness!.Due);
        var effects = Change(5, new HealthSpec(Liveness: new ProbeSpec()), ProbeKind.Startup);
        Assert.Contains(new HealthEffect.Started(1), effects);
        Assert.Equal(At(10), _state.Liveness!.Due);
    }

    [Fact]
    public void A_probe_that_asks_something_else_counts_anew_and_an_answer_to_the_old_question_counts_for_nothing()
    {
        _spec = new(Liveness: new ProbeSpec { FailureThreshold = 2 });
        Start();
        RunOnce(ProbeKind.Liveness, 0, ProbeOutcome.Failure);
        var old = Due(ProbeKind.Liveness, 10);
        Change(10.5, _spec, ProbeKind.Liveness);
        Assert.Empty(Feed(
            new HealthInput.ProbeEnded(At(11), ProbeKind.Liveness, old.Epoch, ProbeOutcome.Failure, "old")));
        Assert.Equal((0, At(10.5)), (_state.Liveness!.InARow, _state.Liveness.Due));
        Assert.DoesNotContain(
            RunOnce(ProbeKind.Liveness, 12, ProbeOutcome.Failure), effect => effect is HealthEffect.Failed);
        Assert.Contains(
            RunOnce(ProbeKind.Liveness, 22, ProbeOutcome.Failure), effect => effect is HealthEffect.Failed);
    }

    [Fact]
    public void A_probe_that_is_not_changed_keeps_its_beat_and_its_row()
    {
        _spec = new(Liveness: new ProbeSpec());
        Start();
        RunOnce(ProbeKind.Liveness, 0, ProbeOutcome.Failure);
        var before = _state.Liveness;
        Change(5, new HealthSpec(Liveness: new ProbeSpec(), Readiness: new ProbeSpec()), ProbeKind.Readiness);
        Assert.Equal(before, _state.Liveness);
    }

    [Fact]
    public void A_probe_on_hold_stays_so_although_the_file_changes()
    {
        _spec = new(Liveness: Strict);
        Start();
        RunOnce(ProbeKind.Liveness, 0, ProbeOutcome.Failure);
        Assert.Empty(Change(1, new HealthSpec(Liveness: Strict with { Period = At(3) }), ProbeKind.Liveness));
        Assert.True(_state.Liveness!.OnHold);
    }

    [Fact]
    public void A_probe_that_the_file_gained_while_no_supervisor_was_there_counts_after_the_adoption()
    {
        Start();
        _spec = new(Liveness: Strict, Readiness: Strict);
        Feed(new HealthInput.InstanceAdopted(At(100), 1, At(0), Spread: 0.5));
        Assert.True(_state.Ready);
        Assert.Equal((At(105), At(105)), (_state.Liveness!.Due, _state.Readiness!.Due));
    }

    [Fact]
    public void Without_an_instance_a_change_begins_nothing()
    {
        Assert.Empty(Change(1, new HealthSpec(Liveness: Strict), ProbeKind.Liveness));
        Assert.Null(_state.Liveness);
    }

    [Fact]
    public void While_an_instance_is_ended_for_its_liveness_probe_that_probe_is_not_shown_as_a_success()
    {
        _spec = new(Liveness: Strict);
        Start();
        RunOnce(ProbeKind.Liveness, 0, ProbeOutcome.Failure);
        Feed(new HealthInput.ShutdownBegan(At(0)));
        Assert.Equal((ProbeResult.Failure, true), (_state.Liveness!.Result, _state.Liveness.OnHold));
    }

    [Fact]
    public void Failures_that_are_not_in_a_row_fail_nothing_however_many_they_are()
    {
        _spec = new(Liveness: new ProbeSpec { FailureThreshold = 2 });
        Start();
        for (var run = 0; run < 50; run++)
        {
            var outcome = run % 2 == 0 ? ProbeOutcome.Failure : ProbeOutcome.Success;
            Assert.DoesNotContain(
                RunOnce(ProbeKind.Liveness, 10 * run, outcome), effect => effect is HealthEffect.Failed);
        }
    }

    [Fact]
    public void An_error_moves_no_beat()
    {
        _spec = new(Liveness: new ProbeSpec());
        Start();
        RunOnce(ProbeKind.Liveness, 0, ProbeOutcome.Error);
        Assert.Equal(At(10), _state.Liveness!.Due);
        Assert.Null(_state.Liveness.LastOutcome);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private void Start(double at = 0, long instance = 1) => Feed(new HealthInput.InstanceStarted(At(at), instance));

    private IReadOnlyList<HealthEffect> Change(double at, HealthSpec spec, params ProbeKind[] kinds)
    {
        _spec = spec;
        return Feed(new HealthInput.ProbesChanged(At(at), At(0), kinds));
    }

    private HealthEffect.RunProbe Due(ProbeKind kind, double at) => Assert.IsType<HealthEffect.RunProbe>(
        Assert.Single(Feed(new HealthInput.ProbeDue(At(at), kind, _state.Of(kind)!.Epoch))));

    private IReadOnlyList<HealthEffect> RunOnce(ProbeKind kind, double at, ProbeOutcome outcome)
    {
        var run = Due(kind, at);
        return Feed(new HealthInput.ProbeEnded(At(at), kind, run.Epoch, outcome, outcome.ToString()));
    }

    private IReadOnlyList<HealthEffect> Feed(HealthInput input)
    {
        var transition = HealthMachine.Decide(_spec, _state, input);
        _state = transition.Next;
        return transition.Effects;
    }
}
