using Drover.Core.Agents;
using Drover.Gateway.Swarm;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>Engines that restart and nodes that are drained or cut off, on Swarms of these tests' own.</summary>
public sealed class RealBadDayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("tier", "heavy")]
    public async Task A_manager_that_restarts_in_a_wake_is_followed_again_and_the_wake_comes_to_its_end()
    {
        await using var node = await SwarmMachine.StartAsync();
        await using var test = new SwarmFixture(node);
        await test.DeployAsync("awake", replicas: 1);
        await test.DeployAsync("waking");
        using var awake = await test.WatchAsync("awake");
        using var waking = await test.WatchAsync("waking");
        var before = (await awake.SeesAsync(each => each.Serving is not null, "serving")).Serving!;

        using var hurry = test.Watch.Hurry("waking");
        Assert.IsType<ScaleOutcome.Done>(await test.Scaler.ScaleAsync("waking", 1, Token));
        await node.Engine.StopDaemonAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!test.Watch.IsReachable), "out of reach", Token);
        Assert.IsType<ScaleOutcome.Unreachable>(await test.Scaler.ScaleAsync("waking", 0, Token));
        await node.Engine.StartDaemonAsync();

        var served = await waking.SeesAsync(each => each.Serving is { Phase: TaskPhase.Running }, "awake at last");
        Assert.Equal("awake\n", await SwarmFixture.ReachesAsync(served.Serving!.Address!));
        var after = await awake.SeesAsync(
            each => each.Serving is { Phase: TaskPhase.Running } other && other.ContainerId != before.ContainerId,
            "in another container");
        Assert.Equal("awake\n", await SwarmFixture.ReachesAsync(after.Serving!.Address!));
        Assert.DoesNotContain(awake.Seen, each => each.ServiceId is null);
        Assert.True(test.Watch.IsReachable);
    }

    [Fact]
    [Trait("tier", "heavy")]
    public async Task A_node_that_is_drained_while_its_agent_serves_gives_it_to_another_and_that_is_seen()
    {
        await using var manager = await SwarmMachine.StartAsync();
        await using var worker = await SwarmMachine.JoinAsync(manager);
        await using var test = new SwarmFixture(manager, network: SwarmMachine.Network);
        using var seen = await ServesThereAsync(test, worker);
        var there = seen.Seen[^1].Serving!;

        await manager.SetAvailabilityAsync(worker.Id, "drain");

        var here = await seen.SeesAsync(each => each.Serving is { IsLocal: true }, "here");
        Assert.NotEqual(there.Id, here.Serving!.Id);
        Assert.DoesNotContain(here.Tasks, task => task.Id == there.Id && task.IsUp);
        await ReachesAsync(manager, here.Serving.Address!);
    }

    [Fact]
    [Trait("tier", "heavy")]
    public async Task A_node_that_is_cut_off_while_its_agent_serves_is_given_up_and_comes_back_without_a_second_agent()
    {
        await using var manager = await SwarmMachine.StartAsync();
        await using var worker = await SwarmMachine.JoinAsync(manager);
        await using var test = new SwarmFixture(manager, network: SwarmMachine.Network);
        using var seen = await ServesThereAsync(test, worker);
        var there = seen.Seen[^1].Serving!;

        worker.PullCable();
        using (test.Watch.Hurry("moves"))
        {
            var here = await seen.SeesAsync(
                each => each.Serving is { IsLocal: true }, "here", TimeSpan.FromSeconds(90));
            Assert.Contains(here.Tasks, task => task.Id == there.Id && task is { IsWanted: false, IsUp: false });
            await ReachesAsync(manager, here.Serving!.Address!);
        }

        seen.Forget();
        worker.PlugCable();
        await seen.SeesAsync(
            each => each.Tasks is [{ IsUp: true, IsLocal: true }], "the old one ended", TimeSpan.FromSeconds(90));
        Assert.DoesNotContain(seen.Seen, each => each.Tasks.Count(task => task.IsUp) > 1);
    }

    /// <summary>An agent that was woken on the other node, and is reached there.</summary>
    private static async Task<WatchedService> ServesThereAsync(SwarmFixture test, SwarmMachine worker)
    {
        await test.DeployAsync("moves");
        var seen = await test.WatchAsync("moves");
        await test.Node.SetAvailabilityAsync(test.Node.Id, "pause");
        using (test.Watch.Hurry("moves"))
        {
            await test.Scaler.ScaleAsync("moves", 1, Token);
            var there = (await seen.SeesAsync(each => each.Serving is not null, "serving there")).Serving!;
            Assert.True(there is { IsLocal: false, Phase: TaskPhase.Running });
            await ReachesAsync(test.Node, there.Address!);
        }

        Assert.NotEqual(test.Node.Id, worker.Id);
        await test.Node.SetAvailabilityAsync(test.Node.Id, "active");
        return seen;
    }

    /// <summary>Asked for from a container of the network, as a gateway on the Swarm would.</summary>
    private static Task ReachesAsync(SwarmMachine node, string address) => Eventually.TrueAsync(
        async () => (await node.GetInNetworkAsync(address)).Contains("awake", StringComparison.Ordinal),
        $"an answer of {address} over the network",
        Token);
}
