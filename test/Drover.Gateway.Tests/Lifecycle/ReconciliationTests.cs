using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Capacity;
using Drover.Gateway.Documents;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Routing;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Events;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Lifecycle;

/// <summary>What is known before the port opens, and for how long that may hold it shut.</summary>
public sealed class ReconciliationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_Swarm_that_does_not_answer_holds_the_start_up_for_five_seconds_and_no_more()
    {
        var clock = new FakeClock();
        var swarm = new PlayedSwarm { IsReachable = false };
        swarm.Add("scout", replicas: 1);
        using var agents = Agents(swarm, clock);

        var waiting = AgentReconciliation.WaitAsync(agents, clock, NullLoggerFactory.Instance, Token);
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(5), Token);
        Assert.False(waiting.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(5));
        await waiting;

        var seat = agents.Find("scout")!;
        Assert.Equal((AgentState.Starting, AgentReasons.Unknown), (seat.View.State, seat.View.ReasonCode));
        swarm.IsReachable = true;
        swarm.Tell();
        await seat.UntilAsync(AgentState.Ready);
    }

    [Fact]
    public async Task Every_agent_is_known_when_the_wait_is_over()
    {
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        swarm.Add("forge");
        using var agents = Agents(swarm, TimeProvider.System);

        await AgentReconciliation.WaitAsync(agents, TimeProvider.System, NullLoggerFactory.Instance, Token);

        Assert.Equal(AgentState.Ready, agents.Find("scout")!.View.State);
        Assert.Equal(AgentState.Sleeping, agents.Find("forge")!.View.State);
    }

    [Fact]
    public async Task An_unmanaged_service_is_ready_followed_to_its_address_and_has_no_life()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        var service = swarm.Add("scout");
        await using var gateway = await GatewayRig.StartAsync(
            new GatewayDocument { Agents = [GatewayRig.Service(agent.Origin, AgentPolicy.Unmanaged)] }, swarm: swarm);
        var seat = gateway.Role.Agents.Find("scout")!;
        Assert.Null(seat.Life);
        Assert.Equal(AgentState.Ready, seat.View.State);

        service.Scale(1);
        await seat.UntilAsync(view => view.Backend is not null);
        Assert.StartsWith("GET / HTTP/1.1", await gateway.TextAsync("/"), StringComparison.Ordinal);

        Assert.Empty(swarm.Orders);
    }

    private static AgentSet Agents(PlayedSwarm swarm, TimeProvider time)
    {
        var capacity = new CapacityRunner(
            new CapacityDocument(), () => [], time, NullLogger<CapacityRunner>.Instance);
        var agents = new AgentSet(
            new Routes(), time, swarm.Access.Leading(capacity, new Silence(), time, NullLoggerFactory.Instance));
        var origin = new Uri("http://127.0.0.1:1");
        agents.Apply(new GatewayDocument
        {
            Agents = [.. ((string[])["scout", "forge"]).Select(name => GatewayRig.Service(origin, name: name))],
        });
        return agents;
    }

    private sealed class Silence : IEventPublisher
    {
        public void Publish(
            Core.Events.EventType type,
            string subject,
            Core.Events.EventSeverity? severity,
            params ReadOnlySpan<(string Name, object? Value)> data)
        {
        }
    }
}
