using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Docker;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>The moment between a sleep and a wake, on a Swarm of one real node.</summary>
public sealed class RealTurnTests(SharedSwarm swarm)
{
    private static readonly HoldDocument Held = new() { Wait = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wake_right_after_a_sleep_gets_a_new_task_and_never_the_one_that_goes()
    {
        var node = await swarm.GetAsync();
        await using var test = new SwarmFixture(node);
        await test.DeployAsync("again");
        await using var gateway = await StartAsync(node, Agent("again"));
        Assert.Equal("awake\n", await gateway.TextAsync("/", "again.test"));
        var before = await TaskAsync(node, "again");

        await Seat(gateway, "again").Life!.SleepAsync(SleepCause.Operator, Token);
        Assert.Equal("awake\n", await gateway.TextAsync("/", "again.test"));

        Assert.NotEqual(before, await TaskAsync(node, "again"));
    }

    private static AgentDocument Agent(string name) => new()
    {
        Name = name,
        Hostnames = [GatewayRig.Host($"{name}.test")],
        Target = new AgentTarget.Service(name, SwarmMachine.Port),
        Policy = AgentPolicy.OnDemand,
        Hold = Held,
    };

    private static Task<GatewayRig> StartAsync(SwarmMachine node, AgentDocument agent) =>
        GatewayRig.StartAsync(new GatewayDocument { Agents = [agent] }, dockerHost: node.Engine.Address);

    private static AgentSeat Seat(GatewayRig gateway, string name) => gateway.Role.Agents.Find(name)!;

    /// <summary>The task that Swarm wants.</summary>
    private static async Task<string> TaskAsync(SwarmMachine node, string service)
    {
        var tasks = await node.Client.Tasks.ListAsync(DockerFilters.Where("service", service), Token);
        return Assert.Single(tasks, task => task.DesiredState == "running").Id;
    }
}
