using Drover.Core.Agents;

namespace Drover.Core.Tests.Agents;

/// <summary>Agents that sleep until somebody asks for them.</summary>
public sealed class OnDemandTests
{
    private static readonly AgentSpec Spec = new()
    {
        Policy = AgentPolicy.OnDemand,
        IdleTimeout = TimeSpan.FromMinutes(30),
        StartupTimeout = TimeSpan.FromSeconds(60),
    };

    [Fact]
    public void However_many_want_it_one_order_is_given()
    {
        var agent = Asleep();

        agent.Want();
        agent.Want(WakeCause.Operator);
        agent.Order();
        agent.Want();
        agent.See(1, LedAgent.Task(1, TaskPhase.Preparing));
        agent.Want();

        Assert.Equal([1], agent.Scales);
        Assert.Equal(AgentState.Starting, agent.Runtime.State);
    }

    [Fact]
    public void A_task_is_asked_only_once_its_container_has_started()
    {
        var agent = Asleep();
        agent.Want();
        agent.Order();

        agent.See(1, LedAgent.Task(1, TaskPhase.Preparing));
        Assert.Empty(agent.Effects.OfType<AgentEffect.Probe>());
        agent.See(1, LedAgent.Task(1, TaskPhase.Preparing) with { HasStarted = true });

        Assert.True(agent.Last<AgentEffect.Probe>().IsEager);
    }

    [Fact]
    public void What_Swarm_says_from_before_the_order_ends_no_wake()
    {
        var agent = Asleep();
        agent.Want();
        agent.Order();

        agent.See(0);

        Assert.Equal(AgentState.Starting, agent.Runtime.State);
        Assert.Equal([1], agent.Scales);
    }

    [Fact]
    public void A_wake_waits_until_the_task_of_before_is_given_up_and_never_serves_it()
    {
        var agent = new LedAgent(Spec);
        agent.See(0, LedAgent.Task(1));

        agent.Want();
        Assert.Empty(agent.Scales);
        agent.See(0, LedAgent.Task(1, isWanted: false));
        Assert.Equal([1], agent.Scales);
        agent.Order();
        agent.See(1, LedAgent.Task(2, TaskPhase.Preparing), LedAgent.Task(1, isWanted: false));

        Assert.Empty(agent.Effects.OfType<AgentEffect.Probe>());
    }

    [Fact]
    public void A_task_of_before_that_Swarm_keeps_is_waited_for_two_seconds_only()
    {
        var agent = new LedAgent(Spec);
        agent.See(0, LedAgent.Task(1));
        agent.Want();

        agent.Pass(TimeSpan.FromSeconds(2));

        Assert.Equal([1], agent.Scales);
    }

    [Fact]
    public void A_wake_while_it_goes_to_sleep_is_remembered_and_begins_when_it_sleeps()
    {
        var agent = Awake();
        agent.Rest(SleepCause.Operator);
        Assert.Equal([1, 0], agent.Scales);

        agent.Want();
        Assert.Equal(AgentState.Starting, agent.Runtime.State);
        agent.Order();
        Assert.Equal([1, 0], agent.Scales);
        agent.See(0, LedAgent.Task(1, isWanted: false));

        Assert.Equal([1, 0, 1], agent.Scales);
        Assert.Contains(agent.Effects.OfType<AgentEffect.AnswerSleep>(), answer => answer.Refusal is null);
    }

    [Fact]
    public void A_request_calls_off_a_sleep_for_idleness_that_has_not_reached_Swarm()
    {
        var agent = Awake();
        agent.OnFence = () => agent.Open = 1;
        agent.Pass(Spec.IdleTimeout);
        Assert.Equal((AgentPhase.Draining, false), (agent.Runtime.Phase, agent.Runtime.IsRouted));

        agent.Want();

        Assert.True(agent.Runtime.IsRouted);
        Assert.IsType<AgentEffect.LiftFence>(agent.Effects[^2]);
        Assert.Equal([1], agent.Scales);
    }

    [Fact]
    public void A_request_does_not_call_off_an_operators_sleep_and_an_operator_does()
    {
        var agent = Awake();
        agent.Open = 1;
        agent.Rest(SleepCause.Operator);
        Assert.Equal(AgentState.Sleeping, agent.Runtime.State);

        agent.Want();
        Assert.Equal((AgentPhase.Draining, AgentState.Starting), (agent.Runtime.Phase, agent.Runtime.State));
        agent.Want(WakeCause.Operator);

        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal([1], agent.Scales);
    }

    [Theory]
    [InlineData("No such image: scout:9", AgentReasons.ImageMissing)]
    [InlineData(
        "starting container failed: exec: \"scoot\": executable file not found in $PATH", AgentReasons.TaskFailed)]
    public void What_nothing_will_mend_ends_the_wake_at_once_with_the_reason(string error, string code)
    {
        var agent = Asleep();
        agent.Want();
        agent.Order();

        agent.See(1, LedAgent.Task(1, TaskPhase.Failed, isWanted: false) with { Error = error });

        Assert.Equal((AgentState.Degraded, code), (agent.Runtime.State, agent.Runtime.Fault!.Code));
        Assert.Contains(error, agent.Runtime.Fault.Message, StringComparison.Ordinal);
        Assert.Equal([1, 0], agent.Scales);
    }

    [Fact]
    public void A_failure_of_an_earlier_wake_says_nothing_of_this_one()
    {
        var agent = new LedAgent(Spec);
        var old = LedAgent.Task(1, TaskPhase.Failed, isWanted: false) with { Error = "No such image: scout:9" };
        agent.See(0, old);
        agent.Want();
        agent.Order();

        agent.See(1, LedAgent.Task(2, TaskPhase.Preparing), old);

        Assert.Equal(AgentState.Starting, agent.Runtime.State);
    }

    [Fact]
    public void No_node_that_fits_is_shown_at_once_and_ends_the_wake_at_startup_timeout()
    {
        var agent = Asleep();
        agent.Want();
        agent.Order();

        agent.See(1, LedAgent.Task(1, TaskPhase.Pending) with { Error = "no suitable node", Address = null });
        Assert.Equal(AgentReasons.NoNode, agent.Runtime.Fault!.Code);
        Assert.Equal(AgentState.Starting, agent.Runtime.State);
        agent.Pass(Spec.StartupTimeout);

        Assert.Equal((AgentState.Degraded, AgentReasons.NoNode), (agent.Runtime.State, agent.Runtime.Fault!.Code));
        Assert.Equal([1, 0], agent.Scales);
    }

    [Fact]
    public void A_task_that_never_gets_healthy_ends_the_wake_at_startup_timeout_with_what_it_last_said()
    {
        var agent = Asleep();
        agent.Want();
        agent.Order();
        agent.See(1, LedAgent.Task(1));
        while (agent.Runtime.State is AgentState.Starting)
        {
            if (agent.Runtime.Probe is not null)
            {
                agent.Probe(isGood: false, "its health path answered 503");
            }

            agent.Pass(TimeSpan.FromMilliseconds(50));
        }

        Assert.Equal(60, agent.Now.TotalSeconds, 1.0);
        Assert.Equal(AgentReasons.StartupTimeout, agent.Runtime.Fault!.Code);
        Assert.Contains("its health path answered 503", agent.Runtime.Fault.Message, StringComparison.Ordinal);
        Assert.Equal([1, 0], agent.Scales);
    }

    [Fact]
    public void A_failed_wake_can_be_tried_again_at_once_and_one_after_the_other_less_and_less_often()
    {
        var agent = Asleep();
        Fail(agent);
        Assert.Equal(AgentState.Degraded, agent.Runtime.State);
        Fail(agent);
        var orders = agent.Scales.Count();

        agent.Want();
        Assert.Equal(orders, agent.Scales.Count());
        agent.Pass(TimeSpan.FromSeconds(1));
        agent.Want();
        Assert.Equal(orders + 1, agent.Scales.Count());
    }

    [Fact]
    public void An_operator_is_not_made_to_wait_after_failed_wakes()
    {
        var agent = Asleep();
        Fail(agent);
        Fail(agent);
        var orders = agent.Scales.Count();

        agent.Want(WakeCause.Operator);

        Assert.Equal(orders + 1, agent.Scales.Count());
    }

    [Fact]
    public void An_engine_that_does_not_answer_is_tried_again_until_startup_timeout()
    {
        var agent = Asleep();
        agent.Want();
        while (agent.Runtime.State is AgentState.Starting)
        {
            if (agent.Runtime.Order is not null)
            {
                agent.Order(OrderOutcome.Unreachable, "the Docker Engine does not answer");
            }

            agent.Pass(TimeSpan.FromMilliseconds(100));
        }

        Assert.Equal(AgentReasons.EngineUnreachable, agent.Runtime.Fault!.Code);
        Assert.InRange(agent.Scales.Count(replicas => replicas == 1), 5, 20);
    }

    [Fact]
    public void A_refused_wake_says_why_at_once()
    {
        var agent = Asleep();
        agent.Want();

        agent.Order(OrderOutcome.Refused, "the service is global");

        Assert.Equal(
            (AgentState.Degraded, "the service is global"), (agent.Runtime.State, agent.Runtime.Fault!.Message));
    }

    [Fact]
    public void A_service_that_somebody_scales_up_wakes_and_counts_as_awake()
    {
        var agent = Asleep();

        agent.See(1, LedAgent.Task(1, TaskPhase.Preparing));
        Assert.Equal(AgentState.Starting, agent.Runtime.State);
        agent.See(1, LedAgent.Task(1));
        agent.Probe(isGood: true);

        Assert.True(agent.Runtime.IsRouted);
        Assert.Empty(agent.Scales);
        Assert.Equal(0, agent.Runtime.Wakes.Count);
    }

    [Fact]
    public void A_service_that_somebody_scales_to_nothing_sleeps_and_does_not_come_back_by_itself()
    {
        var agent = Awake();

        agent.See(0);
        agent.Pass(TimeSpan.FromHours(1));

        Assert.Equal(AgentState.Sleeping, agent.Runtime.State);
        Assert.Equal([1], agent.Scales);
        agent.Want();
        Assert.Equal([1, 1], agent.Scales);
    }

    [Fact]
    public void A_wake_that_somebody_scales_back_ends_asleep_with_the_reason()
    {
        var agent = Asleep();
        agent.Want();
        agent.Order();
        agent.See(1, LedAgent.Task(1, TaskPhase.Preparing));

        agent.See(0);

        Assert.Equal(
            (AgentState.Sleeping, AgentReasons.ScaledDown), (agent.Runtime.State, agent.Runtime.Fault!.Code));
    }

    [Fact]
    public void A_failure_while_ready_is_Swarms_to_restart()
    {
        var agent = Awake();

        agent.See(
            1,
            LedAgent.Task(2, TaskPhase.Preparing),
            LedAgent.Task(1, TaskPhase.Failed, isWanted: false) with { Error = "task: non-zero exit (1)" });
        Assert.Equal(AgentState.Degraded, agent.Runtime.State);
        agent.See(1, LedAgent.Task(2));
        agent.Probe(isGood: true);

        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal([1], agent.Scales);
    }

    [Fact]
    public void When_Swarm_has_stopped_restarting_it_is_scaled_back_so_that_the_next_request_wakes_it()
    {
        var agent = Awake();

        agent.See(
            1, LedAgent.Task(1, TaskPhase.Failed, isWanted: false) with { Error = "task: non-zero exit (1)" });
        agent.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 0], agent.Scales);
        agent.Order();
        agent.See(0);
        Assert.Equal(AgentState.Degraded, agent.Runtime.State);
        agent.Want();

        Assert.Equal([1, 0, 1], agent.Scales);
    }

    [Fact]
    public void What_runs_when_the_gateway_starts_is_ready_what_does_not_sleeps_and_what_is_frozen_dozes()
    {
        var running = new LedAgent(Spec);
        running.See(1, LedAgent.Task(1));
        Assert.True(running.Runtime.IsRouted);

        var starting = new LedAgent(Spec);
        starting.See(1, LedAgent.Task(1, TaskPhase.Preparing));
        Assert.Equal(AgentState.Starting, starting.Runtime.State);

        var nothing = new LedAgent(Spec);
        nothing.See(0);
        Assert.Equal((AgentState.Sleeping, false), (nothing.Runtime.State, nothing.Runtime.IsDozing));

        var frozen = new LedAgent(Spec);
        frozen.See(1, LedAgent.Task(1) with { IsPaused = true });
        Assert.Equal((AgentState.Sleeping, true), (frozen.Runtime.State, frozen.Runtime.IsDozing));
        frozen.Want();
        Assert.Equal("c1", frozen.Last<AgentEffect.Unpause>().ContainerId);
    }

    [Fact]
    public void A_wake_that_comes_before_anything_is_known_begins_when_it_is()
    {
        var agent = new LedAgent(Spec);
        agent.Want();
        Assert.Empty(agent.Scales);

        agent.See(0);

        Assert.Equal([1], agent.Scales);
    }

    [Fact]
    public void Estimated_wait_is_what_most_of_the_last_wakes_took()
    {
        var agent = Awake();
        Assert.Equal(TimeSpan.FromMilliseconds(400), agent.Runtime.Wakes.Estimate);
        agent.Rest(SleepCause.Operator);
        agent.Order();
        agent.See(0);

        agent.Want();

        Assert.Equal(agent.Now + TimeSpan.FromMilliseconds(400), agent.Runtime.ReadyBy);
    }

    [Fact]
    public void A_change_of_startup_timeout_counts_for_the_wake_under_way()
    {
        var agent = Asleep();
        agent.Want();
        agent.Order();
        agent.See(1, LedAgent.Task(1, TaskPhase.Preparing));

        agent.Send(new AgentInput.Respecified(agent.Now, Spec with { StartupTimeout = TimeSpan.FromSeconds(5) }));
        agent.Pass(TimeSpan.FromSeconds(5));

        Assert.Equal(AgentState.Degraded, agent.Runtime.State);
    }

    [Fact]
    public void An_agent_that_becomes_always_on_is_never_ordered_anything_again()
    {
        var agent = Awake();
        agent.Open = 1;
        agent.Rest(SleepCause.Operator);
        Assert.Equal(AgentPhase.Draining, agent.Runtime.Phase);

        agent.Send(new AgentInput.Respecified(agent.Now, Spec with { Policy = AgentPolicy.AlwaysOn }));
        agent.Pass(TimeSpan.FromHours(2));

        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal([1], agent.Scales);
        Assert.Contains(agent.Effects, effect => effect is AgentEffect.LiftFence);
    }

    private static LedAgent Asleep()
    {
        var agent = new LedAgent(Spec);
        agent.See(0);
        return agent;
    }

    private static LedAgent Awake()
    {
        var agent = Asleep();
        agent.Want();
        agent.BringUp(1);
        Assert.True(agent.Runtime.IsRouted);
        return agent;
    }

    private static void Fail(LedAgent agent)
    {
        agent.Want();
        agent.Order();
        agent.See(
            1,
            LedAgent.Task(9, TaskPhase.Failed, isWanted: false) with
            {
                Id = $"f{agent.Effects.Count}",
                Error = "No such image",
            });
        agent.Order();
        agent.See(0);
    }
}
