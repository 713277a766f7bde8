using Drover.Core.Agents;
using Drover.Core.Events;

namespace Drover.Core.Tests.Agents;

/// <summary>Agents that Swarm alone starts and restarts: watched, never touched.</summary>
public sealed class AlwaysOnTests
{
    private static readonly AgentSpec Spec = new() { Policy = AgentPolicy.AlwaysOn };

    [Fact]
    public void A_gateway_that_starts_again_says_ready_at_once_without_a_first_probe()
    {
        var agent = new LedAgent(Spec);

        agent.See(1, LedAgent.Task(1));

        Assert.Equal(AgentState.Ready, agent.Runtime.State);
        Assert.True(agent.Runtime.IsRouted);
        Assert.Empty(agent.Effects.OfType<AgentEffect.Probe>());
    }

    [Fact]
    public void A_task_that_dies_makes_it_degraded_with_the_reason_at_once_and_its_successor_ready()
    {
        var agent = new LedAgent(Spec);
        agent.See(1, LedAgent.Task(1));

        agent.See(
            1,
            LedAgent.Task(2, TaskPhase.Preparing),
            LedAgent.Task(1, TaskPhase.Failed, isWanted: false) with { Error = "task: non-zero exit (3)" });

        Assert.Equal(AgentState.Degraded, agent.Runtime.State);
        Assert.False(agent.Runtime.IsRouted);
        Assert.Equal("its task failed: task: non-zero exit (3)", agent.Runtime.Fault!.Message);

        agent.See(1, LedAgent.Task(2));
        agent.Probe(isGood: true);
        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal("t2", agent.Runtime.Target!.Id);
        Assert.Equal(
            [EventTypes.AgentReady.Name, EventTypes.AgentDegraded.Name, EventTypes.AgentReady.Name], agent.Events);
    }

    [Fact]
    public void Probes_that_fail_as_often_as_they_may_are_told_and_so_is_recovery()
    {
        var agent = new LedAgent(Spec with { FailureThreshold = 3 });
        agent.See(1, LedAgent.Task(1));
        for (var failure = 1; failure <= 3; failure++)
        {
            Assert.Equal(AgentState.Ready, agent.Runtime.State);
            agent.Pass(Spec.ProbePeriod);
            agent.Probe(isGood: false, "its health path answered 500");
        }

        Assert.Equal(AgentReasons.Unhealthy, agent.Runtime.Fault!.Code);
        Assert.False(agent.Runtime.IsRouted);

        agent.Pass(TimeSpan.FromSeconds(1));
        agent.Probe(isGood: true);
        Assert.True(agent.Runtime.IsRouted);
        Assert.Equal(1, agent.Runtime.Generation);
        Assert.Equal(
            [
                EventTypes.AgentReady.Name, EventTypes.AgentHealthFailed.Name, EventTypes.AgentDegraded.Name,
                EventTypes.AgentReady.Name,
            ],
            agent.Events);
    }

    [Fact]
    public void Restart_exhausted_is_told_once_when_Swarm_has_stopped_restarting()
    {
        var agent = new LedAgent(Spec);
        agent.See(1, LedAgent.Task(1));
        var failed = LedAgent.Task(1, TaskPhase.Failed, isWanted: false) with { Error = "task: non-zero exit (1)" };

        agent.See(new ServiceObservation { ServiceId = "s1", Replicas = 1, MaxAttempts = 3, Tasks = [failed] });
        Assert.DoesNotContain(EventTypes.RestartExhausted.Name, agent.Events);
        agent.Pass(TimeSpan.FromMinutes(5));
        agent.See(new ServiceObservation { ServiceId = "s1", Replicas = 1, MaxAttempts = 3, Tasks = [failed] });
        agent.Pass(TimeSpan.FromMinutes(5));

        Assert.Single(agent.Events, EventTypes.RestartExhausted.Name);
        Assert.Equal(AgentReasons.RestartExhausted, agent.Runtime.Fault!.Code);
        Assert.Empty(agent.Effects.OfType<AgentEffect.Order>());

        agent.See(1, LedAgent.Task(2));
        agent.Probe(isGood: true);
        Assert.Equal(AgentState.Ready, agent.Runtime.State);
    }

    [Fact]
    public void A_task_that_waits_for_its_restart_is_no_end_of_restarts()
    {
        var agent = new LedAgent(Spec);
        agent.See(1, LedAgent.Task(1));

        agent.See(1, LedAgent.Task(2, TaskPhase.Preparing));
        agent.Pass(TimeSpan.FromMinutes(1));

        Assert.DoesNotContain(EventTypes.RestartExhausted.Name, agent.Events);
    }

    [Fact]
    public void A_rolling_update_that_starts_the_new_task_first_changes_the_address_and_nothing_else()
    {
        var agent = new LedAgent(Spec);
        agent.See(1, LedAgent.Task(1));

        agent.See(1, LedAgent.Task(2), LedAgent.Task(1));
        Assert.Equal("t1", agent.Runtime.Target!.Id);
        agent.See(1, LedAgent.Task(2), LedAgent.Task(1, isWanted: false));

        Assert.Equal("t2", agent.Runtime.Target!.Id);
        Assert.Equal(2, agent.Runtime.Generation);
        Assert.Equal([EventTypes.AgentReady.Name], agent.Events);
    }

    [Fact]
    public void A_service_that_somebody_scales_to_nothing_is_degraded_and_stays_untouched()
    {
        var agent = new LedAgent(Spec);
        agent.See(1, LedAgent.Task(1));

        agent.See(0);
        agent.Want(WakeCause.Operator);
        agent.Rest(SleepCause.Operator);
        agent.Pass(TimeSpan.FromHours(1));

        Assert.Equal(AgentReasons.ScaledDown, agent.Runtime.Fault!.Code);
        Assert.Empty(agent.Effects.OfType<AgentEffect.Order>());
        Assert.NotNull(agent.Last<AgentEffect.AnswerSleep>().Refusal);
    }

    [Fact]
    public void A_service_that_does_not_exist_is_said_to_be_missing_until_it_does()
    {
        var agent = new LedAgent(Spec);

        agent.See(new ServiceObservation());
        Assert.Equal(AgentReasons.NoService, agent.Runtime.Fault!.Code);

        agent.See(1, LedAgent.Task(1));
        Assert.True(agent.Runtime.IsRouted);
    }

    [Fact]
    public void A_request_that_found_nobody_makes_one_bad_probe_enough()
    {
        var agent = new LedAgent(Spec);
        agent.See(1, LedAgent.Task(1));

        agent.Send(new AgentInput.Suspected(agent.Now, agent.Runtime.Generation));
        Assert.True(agent.Agent.IsUrgent);
        agent.Probe(isGood: false, "nothing listens on its port");

        Assert.Equal(AgentState.Degraded, agent.Runtime.State);
    }

    [Fact]
    public void A_suspicion_of_an_earlier_task_says_nothing_of_this_one()
    {
        var agent = new LedAgent(Spec);
        agent.See(1, LedAgent.Task(1));
        agent.See(1, LedAgent.Task(2));
        agent.Probe(isGood: true);

        agent.Send(new AgentInput.Suspected(agent.Now, 1));

        Assert.False(agent.Agent.IsUrgent);
    }
}
