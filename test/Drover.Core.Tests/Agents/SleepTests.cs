using Drover.Core.Agents;
using Drover.Core.Events;

namespace Drover.Core.Tests.Agents;

/// <summary>When an agent sleeps, how, and what keeps it awake.</summary>
public sealed class SleepTests
{
    private static readonly AgentSpec Spec = new()
    {
        Policy = AgentPolicy.OnDemand,
        IdleTimeout = TimeSpan.FromMinutes(30),
        DrainTimeout = TimeSpan.FromSeconds(30),
        ProbePeriod = TimeSpan.FromHours(10),
    };

    private static readonly AgentSpec Dozing = Spec with { DozeAfter = TimeSpan.FromMinutes(5) };

    [Fact]
    public void Idle_is_counted_from_the_last_use_to_the_instant()
    {
        var agent = Awake(Spec);
        agent.Pass(TimeSpan.FromMinutes(20));
        agent.Touched = agent.Now;

        agent.Pass(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(AgentState.Ready, agent.Runtime.State);
        agent.Pass(TimeSpan.FromMilliseconds(1));

        Assert.Equal(AgentState.Sleeping, agent.Runtime.State);
        Assert.Equal(0, agent.Scales.Last());
    }

    [Fact]
    public void An_agent_that_an_operator_wakes_and_nobody_uses_stays_for_a_whole_idle_timeout()
    {
        var agent = new LedAgent(Spec);
        agent.See(0);
        agent.Pass(TimeSpan.FromHours(5));
        agent.Want(WakeCause.Operator);
        agent.BringUp(1);

        agent.Pass(TimeSpan.FromMinutes(29));
        Assert.Equal(AgentState.Ready, agent.Runtime.State);
        agent.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal(AgentState.Sleeping, agent.Runtime.State);
    }

    [Fact]
    public void A_long_download_is_not_cut_at_idle_timeout()
    {
        var agent = Awake(Spec);
        agent.Open = 1;

        agent.Pass(TimeSpan.FromHours(3));

        Assert.Equal(AgentState.Ready, agent.Runtime.State);
        agent.Open = 0;
        agent.Touched = agent.Now;
        agent.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal(AgentState.Sleeping, agent.Runtime.State);
    }

    [Theory]
    [InlineData(false, AgentState.Sleeping)]
    [InlineData(true, AgentState.Ready)]
    public void A_forgotten_WebSocket_keeps_it_awake_only_where_the_user_says_so(bool counts, AgentState state)
    {
        var agent = Awake(Spec with { OpenWebSocketsCount = counts });
        (agent.Open, agent.WebSockets) = (1, 1);

        agent.Pass(TimeSpan.FromMinutes(31));

        Assert.Equal(state, agent.Runtime.State);
        Assert.Equal(!counts, agent.Effects.Any(effect => effect is AgentEffect.CloseSockets));
    }

    [Fact]
    public void WebSockets_are_closed_before_Swarm_is_told()
    {
        var agent = Awake(Spec);
        (agent.Open, agent.WebSockets) = (1, 1);

        agent.Pass(TimeSpan.FromMinutes(31));

        var effects = agent.Effects.ToList();
        Assert.True(
            effects.FindIndex(effect => effect is AgentEffect.CloseSockets)
            < effects.FindIndex(effect => effect is AgentEffect.Scale { Replicas: 0 }));
    }

    [Fact]
    public void An_operators_sleep_lets_open_work_end_for_drain_timeout_and_then_closes_what_is_left()
    {
        var agent = Awake(Spec);
        (agent.Open, agent.WebSockets) = (3, 2);
        agent.Rest(SleepCause.Operator);

        agent.Pass(TimeSpan.FromSeconds(29));
        Assert.DoesNotContain(0, agent.Scales);
        agent.Pass(TimeSpan.FromSeconds(1));

        Assert.Contains(agent.Effects, effect => effect is AgentEffect.CloseSockets);
        Assert.Contains(0, agent.Scales);
    }

    [Fact]
    public void Work_that_ends_within_drain_timeout_ends_the_wait()
    {
        var agent = Awake(Spec);
        agent.Open = 1;
        agent.Rest(SleepCause.Operator);
        agent.Pass(TimeSpan.FromSeconds(3));

        agent.Open = 0;
        agent.Send(new AgentInput.Drained(agent.Now, agent.Last<AgentEffect.RaiseFence>().Number));

        Assert.Contains(0, agent.Scales);
        Assert.DoesNotContain(agent.Effects, effect => effect is AgentEffect.CloseSockets);
    }

    [Fact]
    public void A_request_that_slips_in_before_the_fence_keeps_it_awake_when_it_ends()
    {
        var agent = Awake(Spec);
        agent.OnFence = () => agent.Open = 1;
        agent.Pass(Spec.IdleTimeout);
        Assert.Equal(AgentPhase.Draining, agent.Runtime.Phase);
        agent.Pass(TimeSpan.FromSeconds(1));

        agent.Open = 0;
        agent.Touched = agent.Now;
        agent.Send(new AgentInput.Drained(agent.Now, agent.Last<AgentEffect.RaiseFence>().Number));

        Assert.True(agent.Runtime.IsRouted);
        Assert.DoesNotContain(0, agent.Scales);
    }

    [Fact]
    public void Capacity_never_takes_one_with_open_work()
    {
        var agent = Awake(Spec);
        (agent.Open, agent.WebSockets) = (1, 1);
        agent.Rest(SleepCause.Capacity);
        Assert.Equal("work is open on it", agent.Last<AgentEffect.AnswerSleep>().Refusal);

        agent.Open = agent.WebSockets = 0;
        agent.OnFence = () => agent.Open = 1;
        agent.Rest(SleepCause.Capacity);

        Assert.Equal("work is open on it", agent.Last<AgentEffect.AnswerSleep>().Refusal);
        Assert.True(agent.Runtime.IsRouted);
        Assert.DoesNotContain(0, agent.Scales);
    }

    [Fact]
    public void An_evicted_agent_says_so_sleeps_and_comes_back_when_asked_for_and_not_before()
    {
        var agent = Awake(Spec);

        agent.Rest(SleepCause.Capacity);
        agent.Order();
        agent.See(0);
        Assert.Null(agent.Last<AgentEffect.AnswerSleep>().Refusal);
        Assert.Contains(EventTypes.AgentEvicted.Name, agent.Events);
        agent.Pass(TimeSpan.FromHours(1));
        Assert.Equal([1, 0], agent.Scales);
        agent.Want();

        Assert.Equal([1, 0, 1], agent.Scales);
    }

    [Fact]
    public void There_is_no_cooldown_after_a_sleep()
    {
        var agent = Awake(Spec);
        agent.Rest(SleepCause.Operator);
        agent.Order();
        agent.See(0);

        agent.Want();

        Assert.Equal([1, 0, 1], agent.Scales);
    }

    [Fact]
    public void No_room_leaves_it_asleep_with_the_reason_and_the_next_request_asks_again()
    {
        var agent = new Agent(Spec, AgentRuntime.Initial);
        agent = Step(agent, new AgentInput.Seen(default, new ServiceObservation { ServiceId = "s1" }), out _);
        agent = Step(agent, new AgentInput.WakeWanted(default, WakeCause.Request), out var asked);
        Assert.Equal(AgentState.Starting, agent.Runtime.State);
        var number = asked.OfType<AgentEffect.Admit>().Single().Number;

        agent = Step(agent, new AgentInput.Denied(default, number, "all are in use"), out var denied);
        Assert.Equal(
            (AgentState.Sleeping, AgentReasons.Capacity), (agent.Runtime.State, agent.Runtime.Fault!.Code));
        Assert.Empty(denied.OfType<AgentEffect.Order>());
        Step(agent, new AgentInput.WakeWanted(default, WakeCause.Request), out var again);

        Assert.Single(again.OfType<AgentEffect.Admit>());
    }

    [Fact]
    public void A_doze_freezes_the_task_and_one_unpause_makes_it_ready_at_the_same_address()
    {
        var agent = Awake(Dozing);
        var target = agent.Runtime.Target;
        agent.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal("c1", agent.Last<AgentEffect.Pause>().ContainerId);
        agent.Order();
        Assert.Equal((AgentState.Sleeping, true), (agent.Runtime.State, agent.Runtime.IsDozing));

        agent.Want();
        agent.Order();

        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal((target, 1L), (agent.Runtime.Target, agent.Runtime.Generation));
        Assert.Equal([1], agent.Scales);
    }

    [Fact]
    public void A_doze_that_lasts_becomes_a_stop_at_idle_timeout()
    {
        var agent = Awake(Dozing);
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.Order();

        agent.Pass(TimeSpan.FromMinutes(24));
        Assert.True(agent.Runtime.IsDozing);
        agent.Pass(TimeSpan.FromMinutes(1));

        Assert.Equal([1, 0], agent.Scales);
        Assert.False(agent.Runtime.IsDozing);
        Assert.Equal(["stop", "doze", "stop"], agent.Effects.OfType<AgentEffect.Emit>()
            .Where(emit => emit.Type == EventTypes.AgentSleep)
            .Select(emit => emit.Details.Single(detail => detail.Name == "tier").Value));
    }

    [Fact]
    public void A_silent_WebSocket_is_not_frozen_under_its_client()
    {
        var agent = Awake(Dozing);
        (agent.Open, agent.WebSockets) = (1, 1);

        agent.Pass(TimeSpan.FromMinutes(29));

        Assert.Empty(agent.Effects.OfType<AgentEffect.Pause>());
    }

    [Fact]
    public void A_task_of_another_node_is_stopped_and_never_frozen()
    {
        var agent = new LedAgent(Dozing);
        agent.See(1, LedAgent.Task(1) with { IsLocal = false });

        agent.Pass(TimeSpan.FromMinutes(31));

        Assert.Empty(agent.Effects.OfType<AgentEffect.Pause>());
        Assert.Equal([0], agent.Scales);
    }

    [Fact]
    public void A_task_that_cannot_be_frozen_goes_on_and_is_not_tried_again()
    {
        var agent = Awake(Dozing);
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.Order(OrderOutcome.Refused, "no freezer");
        Assert.True(agent.Runtime.IsRouted);

        agent.Pass(TimeSpan.FromMinutes(24));

        Assert.Single(agent.Effects.OfType<AgentEffect.Pause>());
    }

    [Fact]
    public void A_wake_while_the_task_is_being_frozen_lets_it_go_on()
    {
        var agent = Awake(Dozing);
        agent.Pass(TimeSpan.FromMinutes(5));

        agent.Want();
        agent.Order();
        Assert.Equal("c1", agent.Last<AgentEffect.Unpause>().ContainerId);
        agent.Order();

        Assert.True(agent.Runtime.IsRouted);
    }

    [Fact]
    public void What_Swarm_says_late_of_a_pause_freezes_nothing_again()
    {
        var agent = Awake(Dozing);
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.Order();
        agent.See(1, LedAgent.Task(1) with { IsPaused = true });
        agent.Want();
        agent.Order();

        agent.See(1, LedAgent.Task(1) with { IsPaused = true });
        Assert.True(agent.Runtime.IsRouted);
        agent.See(1, LedAgent.Task(1));

        Assert.True(agent.Runtime.IsRouted);
    }

    [Fact]
    public void A_frozen_task_that_somebody_else_lets_go_on_serves_again()
    {
        var agent = Awake(Dozing);
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.Order();
        agent.See(1, LedAgent.Task(1) with { IsPaused = true });

        agent.See(1, LedAgent.Task(1));

        Assert.True(agent.Runtime.IsRouted);
        Assert.Contains(agent.Effects, effect => effect is AgentEffect.LiftFence);
    }

    [Fact]
    public void A_frozen_task_that_dies_is_followed_to_its_successor()
    {
        var agent = Awake(Dozing);
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.Order();

        agent.See(1, LedAgent.Task(2));
        agent.Probe(isGood: true);

        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal(2, agent.Runtime.Generation);
    }

    [Fact]
    public void A_sleep_that_the_engine_refuses_leaves_it_awake_and_says_why()
    {
        var agent = Awake(Spec);
        agent.Rest(SleepCause.Operator);

        agent.Order(OrderOutcome.Refused, "the engine is no manager any more");

        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal("the engine is no manager any more", agent.Last<AgentEffect.AnswerSleep>().Refusal);
    }

    [Fact]
    public void A_sleep_that_the_engine_does_not_answer_is_tried_again_and_then_given_up()
    {
        var agent = Awake(Spec);
        agent.Rest(SleepCause.Operator);
        while (agent.Runtime.Phase is AgentPhase.Falling)
        {
            agent.Order(OrderOutcome.Unreachable, "the Docker Engine does not answer");
            agent.Pass(TimeSpan.FromSeconds(9));
        }

        Assert.True(agent.Runtime.IsRouted);
        Assert.InRange(agent.Scales.Count(), 5, 8);
        Assert.NotNull(agent.Last<AgentEffect.AnswerSleep>().Refusal);
    }

    [Fact]
    public void A_shorter_idle_timeout_counts_at_once()
    {
        var agent = Awake(Spec);
        agent.Pass(TimeSpan.FromMinutes(10));

        agent.Send(new AgentInput.Respecified(agent.Now, Spec with { IdleTimeout = TimeSpan.FromMinutes(1) }));
        agent.Pass(TimeSpan.Zero);

        Assert.Equal(AgentState.Sleeping, agent.Runtime.State);
    }

    private static LedAgent Awake(AgentSpec spec)
    {
        var agent = new LedAgent(spec);
        agent.See(0);
        agent.Want();
        agent.BringUp(1);
        Assert.True(agent.Runtime.IsRouted);
        return agent;
    }

    private static Agent Step(Agent agent, AgentInput input, out IReadOnlyList<AgentEffect> effects)
    {
        var transition = AgentMachine.Decide(agent, input);
        effects = transition.Effects;
        return transition.Next;
    }
}
