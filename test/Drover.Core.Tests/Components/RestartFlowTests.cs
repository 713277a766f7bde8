using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Core.Health;

namespace Drover.Core.Tests.Components;

/// <summary>The rules of restarts, one by one, at their borders.</summary>
public sealed class RestartFlowTests
{
    private static readonly EndCause Crash = new EndCause.Exit(1);

    private Component _component = new(new ComponentId("web"), new ComponentSpec(), ComponentRuntime.Initial);
    private double _now;

    private ComponentRuntime Runtime => _component.Runtime;

    private TimeSpan Now => TimeSpan.FromSeconds(_now);

    [Theory]
    [InlineData(9.999, false)]
    [InlineData(10, true)]
    public void A_run_is_good_from_min_uptime_on_and_not_a_millisecond_sooner(double uptime, bool isImmediate)
    {
        Start();
        Die(uptime);
        Assert.Equal(isImmediate ? ComponentState.Starting : ComponentState.Backoff, Runtime.State);
    }

    [Fact]
    public void A_good_run_resets_the_delay_to_one_second()
    {
        Start();
        Assert.Equal([1, 2, 4, 8], Enumerable.Range(0, 4).Select(_ => DelayAfterBadRun()));
        Die(uptime: 10);
        Assert.Equal((ComponentState.Starting, 0), (Runtime.State, Runtime.BadRuns));
        Feed(new Input.Launched(Now, Runtime.Instance));
        Assert.Equal([1, 2], Enumerable.Range(0, 2).Select(_ => DelayAfterBadRun()));
    }

    [Fact]
    public void Good_runs_count_towards_the_ten_as_well()
    {
        Start();
        for (var restart = 1; restart <= 10; restart++)
        {
            Die(uptime: 10);
            Assert.Equal(ComponentState.Starting, Runtime.State);
            Feed(new Input.Launched(Now, Runtime.Instance));
        }

        Assert.Contains(EventTypes.RestartExhausted, Die(uptime: 10));
        Assert.Equal((ComponentState.Failed, 10L), (Runtime.State, Runtime.Restarts));
    }

    [Theory]
    [InlineData(599.999, ComponentState.Failed)]
    [InlineData(600, ComponentState.Starting)]
    public void A_restart_counts_for_ten_minutes_and_then_makes_room_for_another(double after, ComponentState expected)
    {
        Start();
        Die(uptime: 10);
        var first = _now;
        Feed(new Input.Launched(Now, Runtime.Instance));
        for (var restart = 2; restart <= 10; restart++)
        {
            Die(uptime: 20);
            Feed(new Input.Launched(Now, Runtime.Instance));
        }

        Die(uptime: first + after - _now);
        Assert.Equal(expected, Runtime.State);
    }

    [Theory]
    [InlineData(0, 0.9)]
    [InlineData(0.5, 1)]
    [InlineData(1, 1.1)]
    public void Chance_moves_a_delay_by_at_most_a_tenth(double chance, double expected)
    {
        Start();
        Feed(new Input.Exited(Now, 1, Crash) { Chance = chance });
        Assert.Equal(expected, Runtime.WakeAt.GetValueOrDefault().TotalSeconds, precision: 6);
    }

    [Fact]
    public void Only_the_limit_leads_to_failed()
    {
        foreach (var mode in Enum.GetValues<RestartMode>())
        {
            foreach (var cause in new[] { new EndCause.Exit(0), Crash, new EndCause.FailedStart("no such file") })
            {
                _component = _component with
                {
                    Spec = new ComponentSpec { Restart = new RestartPolicy { Mode = mode } },
                    Runtime = ComponentRuntime.Initial,
                };
                Start();
                Feed(new Input.Exited(Now, 1, cause));
                Assert.NotEqual(ComponentState.Failed, Runtime.State);
            }
        }
    }

    [Fact]
    public void What_fails_its_try_is_tried_again_after_as_long_and_never_sooner()
    {
        Exhaust();
        for (var tries = 0; tries < 3; tries++)
        {
            var failedAt = _now;
            Assert.Equal(TimeSpan.FromSeconds(failedAt + 600), Runtime.WakeAt);
            Wake();
            Assert.True(Runtime.IsRetry);
            Die(uptime: 9.9);
            Assert.Equal(ComponentState.Failed, Runtime.State);
        }
    }

    [Fact]
    public void The_try_after_failed_counts_towards_the_ten_like_any_restart()
    {
        Exhaust();
        Wake();
        Assert.True(Runtime.IsRetry);
        for (var restart = 2; restart <= 10; restart++)
        {
            Die(uptime: 10);
            Assert.Equal(ComponentState.Starting, Runtime.State);
            Feed(new Input.Launched(Now, Runtime.Instance));
        }

        Assert.Contains(EventTypes.RestartExhausted, Die(uptime: 10));
        Assert.Equal(ComponentState.Failed, Runtime.State);
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(2, 600)]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(10, 300)]
    [InlineData(10, 600)]
    public void No_stretch_of_a_window_holds_more_restarts_than_the_limit_whatever_retry_after_says(
        int limit, double retryAfter)
    {
        var policy = new RestartPolicy { Limit = limit, RetryAfter = TimeSpan.FromSeconds(retryAfter) };
        _component = _component with { Spec = new ComponentSpec { Restart = policy } };
        var chance = new Random(limit);
        var restarts = new List<TimeSpan>();
        Start();
        while (restarts.Count < 500)
        {
            Die(uptime: chance.Next(4) switch { 0 => 30, 1 => 10, _ => 0 });
            if (Runtime.Phase is InstancePhase.Launching)
            {
                Feed(new Input.Launched(Now, Runtime.Instance));
            }
            else
            {
                Wake();
            }

            restarts.Add(Now);
            var within = restarts.Count(time => Now - time < policy.Window);
            Assert.True(within <= limit, $"{within} restarts in {policy.Window} at {Now}");
        }

        Assert.Equal(500, Runtime.Restarts);
    }

    [Fact]
    public void A_window_that_a_reload_makes_wider_puts_the_try_off_until_it_has_room()
    {
        Exhaust();
        var spec = new ComponentSpec { Restart = new RestartPolicy { Window = TimeSpan.FromHours(1) } };
        Feed(new Input.Reconfigured(Now, spec));
        Assert.DoesNotContain(Wake(), effect => effect is Effect.Launch);
        Assert.Equal((ComponentState.Failed, TimeSpan.FromSeconds(3601)), (Runtime.State, Runtime.WakeAt));
        Assert.Contains(Wake(), effect => effect is Effect.Launch);
    }

    [Fact]
    public void A_failed_start_is_followed_as_a_bad_run_is()
    {
        Feed(new Input.Start(Now));
        var events = Events(Feed(new Input.LaunchFailed(Now, 1, new EndCause.FailedStart("no such file"))));
        Assert.Equal([EventTypes.ComponentStartFailed, EventTypes.RestartScheduled], events);
        Assert.Equal(TimeSpan.FromSeconds(1), Runtime.WakeAt);
    }

    [Fact]
    public void A_probes_failure_is_judged_by_the_run_up_to_it_and_not_by_how_long_the_end_took()
    {
        Start();
        _now = 9;
        Feed(new Input.ProbeFailed(Now, 1, ProbeKind.Liveness, "hangs"));
        _now = 19;
        Feed(new Input.Exited(Now, 1, new EndCause.Signal("SIGKILL")));
        Assert.Equal((ComponentState.Backoff, 1), (Runtime.State, Runtime.BadRuns));
    }

    [Fact]
    public void A_start_ordered_while_it_is_ended_for_its_probe_is_carried_out_whatever_the_policy()
    {
        _component = _component with
        {
            Spec = new ComponentSpec { Restart = new RestartPolicy { Mode = RestartMode.Never } },
        };
        Start();
        Feed(new Input.ProbeFailed(Now, 1, ProbeKind.Liveness, "hangs"));
        Feed(new Input.Start(Now));
        Assert.Contains(new Effect.Launch(2), Feed(new Input.Exited(Now, 1, new EndCause.Signal("SIGTERM"))));
        Assert.Equal(new EndCause.Probe(ProbeKind.Liveness, "hangs"), Runtime.LastCause);
    }

    [Fact]
    public void When_its_own_process_is_gone_it_does_not_run_any_more_though_what_it_started_does()
    {
        Start();
        Feed(new Input.BecameReady(Now, 1));
        _now = 30;
        var effects = Feed(new Input.Ending(Now, 1, Crash));
        Assert.Equal((ComponentState.Stopping, Crash), (Runtime.State, Runtime.LastCause));
        Assert.Contains(new Effect.TellHealth(new HealthInput.InstanceEnded(Now)), effects);
        Assert.DoesNotContain(effects, effect => effect is Effect.Launch);

        // What cannot be ended is killed again and told, and nothing is launched beside it.
        Assert.Contains(new Effect.Kill(1), Wake());
        Assert.Contains(EventTypes.ComponentStuck, Events(Wake()));
        Assert.Contains(new Effect.Launch(2), Feed(new Input.Exited(Now, 1, Crash)));
    }

    [Fact]
    public void An_instance_that_no_record_names_is_ended_counted_and_followed_by_one_with_a_higher_number()
    {
        Start();
        Feed(new Input.Stop(Now));
        Feed(new Input.Exited(Now, 1, Crash));
        Assert.Equal(ComponentState.Stopped, Runtime.State);

        var events = Events(Feed(new Input.Recovered(Now, IsAlive: false) { LastSeen = 7 }));
        Assert.Equal([EventTypes.ComponentExited, EventTypes.RestartScheduled], events);
        Assert.Equal((ComponentState.Backoff, new EndCause.Unknown()), (Runtime.State, Runtime.LastCause));
        Assert.Contains(new Effect.Launch(8), Wake());
    }

    [Fact]
    public void A_probe_that_a_reload_adds_is_told_to_the_instance_that_runs_and_one_that_it_leaves_is_not()
    {
        Start();
        var spec = new ComponentSpec { Health = new HealthSpec(Liveness: new ProbeSpec()) };
        var told = Assert.IsType<Effect.TellHealth>(Assert.Single(Feed(new Input.Reconfigured(Now, spec))));
        var changed = Assert.IsType<HealthInput.ProbesChanged>(told.Input);
        Assert.Equal([ProbeKind.Liveness], changed.Kinds);
        Assert.Empty(Feed(new Input.Reconfigured(Now, spec)));
        Assert.Single(Feed(new Input.Reconfigured(Now, spec) { OtherTargets = [ProbeKind.Liveness] }));
    }

    /// <summary>Up to <c>failed</c>: by runs of no time, 303 seconds after the start.</summary>
    private void Exhaust()
    {
        Start();
        while (Runtime.State is not ComponentState.Failed)
        {
            Die(uptime: 0);
            if (Runtime.State is ComponentState.Backoff)
            {
                Wake();
            }
        }
    }

    private void Start()
    {
        Feed(new Input.Start(Now));
        Feed(new Input.Launched(Now, Runtime.Instance));
    }

    private List<EventType> Die(double uptime)
    {
        _now += uptime;
        return Events(Feed(new Input.Exited(Now, Runtime.Instance, Crash)));
    }

    private double DelayAfterBadRun()
    {
        Die(uptime: 0);
        var delay = Runtime.WakeAt.GetValueOrDefault().TotalSeconds - _now;
        Wake();
        return delay;
    }

    /// <summary>Lets time pass up to the timer; what it launches begins to run.</summary>
    private IReadOnlyList<Effect> Wake()
    {
        if (Runtime.WakeAt is not { } at)
        {
            return [];
        }

        _now = at.TotalSeconds;
        var effects = Feed(new Input.Woke(Now, Runtime.Epoch));
        if (Runtime.Phase is InstancePhase.Launching)
        {
            Feed(new Input.Launched(Now, Runtime.Instance));
        }

        return effects;
    }

    private static List<EventType> Events(IEnumerable<Effect> effects) =>
        [.. effects.OfType<Effect.Emit>().Select(emit => emit.Type)];

    private IReadOnlyList<Effect> Feed(Input input)
    {
        var transition = ComponentMachine.Decide(_component, input);
        _component = transition.Next;
        return transition.Effects;
    }
}
