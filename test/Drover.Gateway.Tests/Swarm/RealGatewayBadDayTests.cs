using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>The whole gateway over a manager that restarts, on a Swarm of the test's own.</summary>
public sealed class RealGatewayBadDayTests
{
    [Fact]
    [Trait("tier", "heavy")]
    public async Task An_engine_that_restarts_in_a_wake_costs_a_wait_and_no_agent()
    {
        await using var node = await SwarmMachine.StartAsync();
        await using var test = new SwarmFixture(node);
        await test.DeployAsync("steady", replicas: 1);
        await test.DeployAsync("waking");
        await using var gateway = await GatewayRig.StartAsync(
            new GatewayDocument
            {
                Agents = [Agent("steady", AgentPolicy.AlwaysOn), Agent("waking", AgentPolicy.OnDemand)],
            },
            dockerHost: node.Engine.Address);
        var steady = gateway.Role.Agents.Find("steady")!;
        var waking = gateway.Role.Agents.Find("waking")!;
        await steady.UntilAsync(AgentState.Ready);

        using var asked = await gateway.GetAsync("/", "waking.test");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, asked.StatusCode);
        await node.Engine.StopDaemonAsync();
        using var meanwhile = await gateway.GetAsync("/", "waking.test");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, meanwhile.StatusCode);
        await node.Engine.StartDaemonAsync();

        // A client that tries again is all it takes, as after any 503.
        await Eventually.TrueAsync(
            async () => await gateway.TextAsync("/", "waking.test") is "awake\n",
            "the woken agent's page",
            TestContext.Current.CancellationToken);
        await waking.UntilAsync(AgentState.Ready);
        await steady.UntilAsync(AgentState.Ready);
        Assert.Equal("awake\n", await gateway.TextAsync("/", "steady.test"));
    }

    private static AgentDocument Agent(string service, AgentPolicy policy) => new()
    {
        Name = service,
        Hostnames = [GatewayRig.Host($"{service}.test")],
        Target = new AgentTarget.Service(service, SwarmMachine.Port),
        Policy = policy,
        Health = new HealthDocument { Path = "/", Period = TimeSpan.FromSeconds(1) },
    };
}
