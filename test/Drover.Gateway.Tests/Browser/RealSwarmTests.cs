using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Docker;
using Microsoft.Playwright;

namespace Drover.Gateway.Tests.Browser;

/// <summary>A person with a browser, a gateway and a real Swarm of one node.</summary>
[Collection(nameof(Chromium))]
public sealed class RealSwarmTests(Chromium chromium, SharedSwarm swarm)
{
    [Fact]
    public async Task A_gateway_on_a_Swarm_wakes_an_agent_from_a_browser_and_puts_it_back_to_sleep()
    {
        const string Name = "browsed";
        var node = await swarm.GetAsync();
        await node.DeployAsync(SwarmMachine.Agent(Name));
        try
        {
            var agent = GatewayRig.Service(new Uri($"http://unused:{SwarmMachine.Port}"), name: Name) with
            {
                Idle = new IdleDocument { Timeout = TimeSpan.FromSeconds(3) },
            };
            await using var rig = await GatewayRig.StartAsync(
                new GatewayDocument { Agents = [agent] }, dockerHost: node.Engine.Address);
            var seat = rig.Role.Agents.Find(Name)!;
            Assert.Equal(AgentState.Sleeping, seat.View.State);
            var page = await chromium.PageAsync();

            var first = await page.GotoAsync($"http://{Name}.test:{rig.Address.Port}/");
            Assert.Equal(503, first!.Status);
            await Assertions.Expect(page.Locator("body")).ToHaveTextAsync("awake");
            Assert.Equal(1, await ReplicasAsync(node, Name));

            // Nobody asks any more; the tab stays open.
            await seat.UntilAsync(AgentState.Sleeping);
            await Eventually.TrueAsync(
                async () => await ReplicasAsync(node, Name) == 0,
                "the service is scaled to nothing",
                TestContext.Current.CancellationToken);
            var again = await page.ReloadAsync();
            Assert.Equal(503, again!.Status);
            await Assertions.Expect(page.Locator("body")).ToHaveTextAsync("awake");
        }
        finally
        {
            await node.RemoveAsync(Name);
        }
    }

    private static async Task<int?> ReplicasAsync(SwarmMachine node, string service) =>
        (int?)(await node.Client.Services.InspectAsync(service, TestContext.Current.CancellationToken))
            .Spec.Mode?.Replicated?.Replicas;
}
