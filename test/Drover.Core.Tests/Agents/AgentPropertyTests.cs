using Drover.Core.Agents;

namespace Drover.Core.Tests.Agents;

/// <summary>What holds whatever comes, in any order, late, twice or of something long over.</summary>
public sealed class AgentPropertyTests
{
    private const int Seeds = 1000;
    private const int Steps = 150;

    [Fact]
    public void No_input_in_any_order_breaks_what_always_holds()
    {
        var orders = 0L;
        Parallel.For(0, Seeds, seed => Interlocked.Add(ref orders, Live(seed, policy: null)));
        Assert.True(orders > Seeds, $"only {orders} orders in {Seeds} lives");
    }

    [Theory]
    [InlineData(AgentPolicy.AlwaysOn)]
    [InlineData(AgentPolicy.Unmanaged)]
    public void An_agent_that_is_not_on_demand_is_never_ordered_anything_ever(AgentPolicy policy) =>
        Parallel.For(0, Seeds, seed => Assert.Equal(0, Live(seed, policy)));

    private static int Live(int seed, AgentPolicy? policy)
    {
        var chance = new Random(seed);
        var agent = new Agent(Spec(chance, policy), AgentRuntime.Initial);
        var (now, orders, sleepers) = (TimeSpan.Zero, 0, 0);
        AgentEffect.Order? outstanding = null;
        for (var step = 0; step < Steps; step++)
        {
            var input = Input(chance, agent, now, policy);
            now = input.Now;
            var transition = AgentMachine.Decide(agent, input);
            var what = $"seed {seed}, step {step}: {agent.Runtime} <- {input} = {transition.Next.Runtime}";
            agent = transition.Next;
            Assert.True(
                input is not AgentInput.Ticked || ComesToRest(agent, input), $"nothing comes of what is due: {what}");

            outstanding = input is AgentInput.Ordered ordered && ordered.Number == outstanding?.Number
                ? null
                : outstanding;
            foreach (var order in transition.Effects.OfType<AgentEffect.Order>())
            {
                Assert.True(outstanding is null, $"two orders at once: {what}");
                Assert.True(agent.Spec.IsOnDemand, what);
                outstanding = order;
                orders++;
            }

            sleepers += input is AgentInput.SleepWanted ? 1 : 0;
            sleepers = transition.Effects.Any(effect => effect is AgentEffect.AnswerSleep) ? 0 : sleepers;
            Check(agent, transition, sleepers, what);
        }

        return orders;
    }

    private static void Check(Agent agent, AgentTransition transition, int sleepers, string what)
    {
        var runtime = agent.Runtime;
        var isGoing = runtime.Phase is AgentPhase.Draining or AgentPhase.Freezing or AgentPhase.Falling;
        Assert.True(!runtime.IsRouted || IsUp(runtime), $"routed to a task that is not up: {what}");
        Assert.True(!runtime.IsRouted || !runtime.IsFenced, $"routed behind a fence: {what}");
        Assert.True(runtime.State is not AgentState.Ready || runtime.Fault is null || !IsManaged(agent), what);
        Assert.True(runtime.State is not AgentState.Degraded || runtime.Fault is not null, $"no reason: {what}");
        Assert.True(runtime.Phase is AgentPhase.Waking == runtime is { Wake: not null } || isGoing
            || runtime.Phase is AgentPhase.Unseen, what);
        Assert.True(isGoing == runtime.Sleep is not null, what);
        Assert.True(sleepers == 0 || isGoing, $"somebody waits for a sleep that nobody leads: {what}");
        Assert.True(runtime.Phase is not AgentPhase.Waking || agent.NextAt is not null || IsWaitedFor(runtime), what);
        Assert.True(runtime.Phase is not AgentPhase.Falling || agent.NextAt is not null || IsWaitedFor(runtime), what);
        if (!agent.Spec.IsOnDemand)
        {
            Assert.DoesNotContain(
                transition.Effects,
                effect => effect is AgentEffect.Admit or AgentEffect.RaiseFence or AgentEffect.CloseSockets);
        }

        foreach (var emit in transition.Effects.OfType<AgentEffect.Emit>())
        {
            Assert.Subset(
                emit.Type.DataFields.Split(", ").ToHashSet(), emit.Details.Select(detail => detail.Name).ToHashSet());
        }
    }

    /// <summary>What is due leads to the next that is, which may be due as well, and that has an end.</summary>
    private static bool ComesToRest(Agent agent, AgentInput tick)
    {
        for (var ticks = 0; ticks < 5; ticks++)
        {
            if (agent.NextAt is not { } next || next > tick.Now)
            {
                return true;
            }

            agent = AgentMachine.Decide(agent, tick).Next;
        }

        return false;
    }

    private static bool IsUp(AgentRuntime runtime) =>
        runtime.Seen!.Tasks.Any(task => task.Id == runtime.Target!.Id && task.IsUp);

    private static bool IsManaged(Agent agent) => agent.Spec.Policy is not AgentPolicy.Unmanaged;

    private static bool IsWaitedFor(AgentRuntime runtime) =>
        runtime.Order is not null || runtime.Wake is { Step: WakeStep.Admission };

    private static AgentSpec Spec(Random chance, AgentPolicy? policy) => new()
    {
        Policy = policy ?? Pick(chance, AgentPolicy.OnDemand, AgentPolicy.OnDemand, AgentPolicy.AlwaysOn),
        IdleTimeout = TimeSpan.FromSeconds(Pick(chance, 5, 60, 1800)),
        DozeAfter = chance.Next(2) == 0 ? null : TimeSpan.FromSeconds(2),
        StartupTimeout = TimeSpan.FromSeconds(Pick(chance, 1, 30)),
        DrainTimeout = TimeSpan.FromSeconds(Pick(chance, 0, 1, 30)),
        FailureThreshold = Pick(chance, 1, 3),
        ProbePeriod = TimeSpan.FromSeconds(Pick(chance, 1, 10)),
        OpenWebSocketsCount = chance.Next(2) == 0,
    };

    private static AgentInput Input(Random chance, Agent agent, TimeSpan now, AgentPolicy? policy)
    {
        var runtime = agent.Runtime;
        var later = now + TimeSpan.FromMilliseconds(chance.Next(3) == 0 ? chance.Next(5000) : chance.Next(20));
        var stale = chance.Next(1, 60);
        AgentInput input = chance.Next(16) switch
        {
            0 or 1 or 2 => new AgentInput.Seen(later, Service(chance)),
            3 => new AgentInput.WakeWanted(later, Pick(chance, WakeCause.Request, WakeCause.Operator)),
            4 => new AgentInput.SleepWanted(
                later, Pick(chance, SleepCause.Operator, SleepCause.Capacity, SleepCause.Idle)),
            5 => new AgentInput.Admitted(later, runtime.Wake?.Admission ?? stale),
            6 when chance.Next(3) == 0 => new AgentInput.Denied(later, runtime.Wake?.Admission ?? stale, "full"),
            7 or 8 => new AgentInput.Ordered(
                later,
                runtime.Order?.Number ?? stale,
                Pick(chance, OrderOutcome.Done, OrderOutcome.Done, OrderOutcome.Refused, OrderOutcome.Unreachable),
                "because"),
            9 or 10 => new AgentInput.Probed(later, runtime.Probe?.Number ?? stale, chance.Next(2) == 0, "refused"),
            11 => new AgentInput.Fenced(later, runtime.Sleep?.Fence ?? stale, chance.Next(2) == 0),
            12 when chance.Next(2) == 0 => new AgentInput.Drained(later, runtime.Sleep?.Fence ?? stale),
            12 => new AgentInput.SocketsClosed(later, runtime.Sleep?.Closing ?? stale),
            13 when chance.Next(4) == 0 => new AgentInput.Respecified(later, Spec(chance, policy)),
            13 => new AgentInput.Suspected(later, runtime.Generation),
            _ => new AgentInput.Ticked(agent.NextAt is { } at && at > now ? at : later),
        };
        var sockets = chance.Next(2);
        var open = chance.Next(3) == 0 ? sockets + chance.Next(2) : 0;
        return input with
        {
            Usage = new AgentUsage(
                open, Math.Min(open, sockets), TimeSpan.FromSeconds(chance.Next(4) == 0 ? 4000 : chance.Next(3))),
        };
    }

    private static ServiceObservation Service(Random chance) => chance.Next(20) == 0
        ? new ServiceObservation()
        : new ServiceObservation
        {
            ServiceId = "s1",
            Replicas = chance.Next(3) == 0 ? 0 : 1,
            MaxAttempts = chance.Next(2) == 0 ? 3 : null,
            Tasks = [.. Enumerable.Range(0, chance.Next(3)).Select(_ => Task(chance)).DistinctBy(task => task.Id)],
        };

    private static TaskObservation Task(Random chance)
    {
        var number = chance.Next(1, 4);
        return new TaskObservation
        {
            Id = $"t{number}",
            Phase = Pick(
                chance, TaskPhase.Running, TaskPhase.Running, TaskPhase.Pending, TaskPhase.Preparing, TaskPhase.Failed,
                TaskPhase.Ended),
            IsWanted = chance.Next(3) > 0,
            HasStarted = chance.Next(2) == 0,
            Address = chance.Next(5) == 0 ? null : $"10.0.1.{number}",
            ContainerId = chance.Next(4) == 0 ? null : $"c{number}",
            IsLocal = chance.Next(4) > 0,
            IsPaused = chance.Next(6) == 0,
            Error = Pick(chance, null, "No such image: x", "no suitable node", "task: non-zero exit (1)"),
        };
    }

    private static T Pick<T>(Random chance, params ReadOnlySpan<T> items) => items[chance.Next(items.Length)];
}
