using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Tests.Capacity;

/// <summary>Agents that share a room for one, over a whole gateway.</summary>
public sealed class CapacityTests
{
    private static readonly HoldDocument Held = new() { Wait = TimeSpan.FromSeconds(20) };

    [Fact]
    public async Task An_idle_agent_sleeps_for_one_that_is_asked_for_and_comes_back_when_it_is_asked_for_itself()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = Swarm("scout", "forge");
        await using var gateway = await StartAsync(swarm, agent.Origin, maxReady: 1);

        foreach (var host in (string[])["scout.test", "forge.test", "scout.test"])
        {
            using var response = await gateway.GetAsync("/", host);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(
            ["scale scout 1", "scale scout 0", "scale forge 1", "scale forge 0", "scale scout 1"], swarm.Orders);
    }

    [Fact]
    public async Task While_all_are_in_use_a_wake_is_refused_with_the_reason_capacity_and_nobody_is_cut()
    {
        var begun = new TaskCompletionSource();
        var end = new TaskCompletionSource();
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            begun.TrySetResult();
            await end.Task;
            await context.Response.WriteAsync("done", TestContext.Current.CancellationToken);
        });
        var swarm = Swarm("scout", "forge");
        await using var gateway = await StartAsync(swarm, agent.Origin, maxReady: 1);
        var busy = gateway.TextAsync("/");
        await begun.Task.WaitAsync(TestContext.Current.CancellationToken);

        using var refused = await gateway.GetAsync("/", "forge.test");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        Assert.Equal(AgentReasons.Capacity, Seat(gateway, "forge").View.ReasonCode);
        end.SetResult();
        Assert.Equal("done", await busy);
        Assert.Equal(["scale scout 1"], swarm.Orders);
    }

    [Fact]
    public async Task Ten_that_wake_at_once_never_make_more_awake_than_may_be()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var names = Enumerable.Range(0, 10).Select(number => $"agent{number}").ToArray();
        var swarm = Swarm(names);
        await using var gateway = await StartAsync(swarm, agent.Origin, maxReady: 3, names);

        Parallel.ForEach(names, name => Seat(gateway, name).Life!.Wake(WakeCause.Request));
        await swarm.UntilAsync(() => Awake(swarm, names) == 3, "three are awake");
        await swarm.UntilAsync(
            () => names.All(name => Seat(gateway, name).View.State is AgentState.Ready or AgentState.Sleeping),
            "all have come to rest");

        Assert.Equal(3, Awake(swarm, names));
        Assert.True(Most(swarm.Orders) <= 3, string.Join(", ", swarm.Orders));
    }

    /// <summary>How many were up at once, by the orders in their order.</summary>
    private static int Most(IEnumerable<string> orders)
    {
        var (up, most) = (0, 0);
        foreach (var order in orders)
        {
            up += order.EndsWith('1') ? 1 : -1;
            most = Math.Max(up, most);
        }

        return most;
    }

    private static int Awake(PlayedSwarm swarm, string[] names) =>
        names.Count(name => swarm.Service(name).Observation.Replicas > 0);

    private static PlayedSwarm Swarm(params string[] names)
    {
        var swarm = new PlayedSwarm();
        foreach (var name in names)
        {
            swarm.Add(name);
        }

        return swarm;
    }

    private static Task<GatewayRig> StartAsync(
        PlayedSwarm swarm, Uri origin, int maxReady, params string[] names) => GatewayRig.StartAsync(
        new GatewayDocument
        {
            Capacity = new CapacityDocument(MaxReady: maxReady),
            Agents =
            [
                .. (names.Length > 0 ? names : ["scout", "forge"])
                    .Select(name => GatewayRig.Service(origin, name: name) with { Hold = Held }),
            ],
        },
        swarm: swarm);

    private static AgentSeat Seat(GatewayRig gateway, string name) => gateway.Role.Agents.Find(name)!;
}
