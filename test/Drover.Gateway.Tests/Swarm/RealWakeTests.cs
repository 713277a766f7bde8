using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using Drover.Core.Agents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Swarm;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>What a wake sees on a Swarm of one real node.</summary>
public sealed class RealWakeTests(SharedSwarm swarm)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_wake_sees_the_container_start_before_Swarm_says_running_and_reaches_it_by_its_own_address()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("wakes");
        using var seen = await test.WatchAsync("wakes");
        Assert.True(seen.Seen[0] is { Replicas: 0, Tasks: [] });

        ServiceObservation serving;
        using (test.Watch.Hurry("wakes"))
        {
            Assert.IsType<ScaleOutcome.Done>(await test.Scaler.ScaleAsync("wakes", 1, Token));
            serving = await seen.SeesAsync(each => each.Serving is not null, "serving");
        }

        Assert.Contains(
            seen.Seen, each => each.Tasks is [{ HasStarted: true, Phase: TaskPhase.Preparing, IsUp: true }]);
        Assert.True(serving.Serving is { HasStarted: true, IsLocal: true, Error: null });
        Assert.Equal("awake\n", await SwarmFixture.ReachesAsync(serving.Serving!.Address!));
        await Assert.ThrowsAnyAsync<SocketException>(
            () => ConnectAsync(serving.Serving.Address!, SwarmMachine.PrivatePort));
        await seen.SeesAsync(each => each.Serving is { Phase: TaskPhase.Running }, "running");

        Assert.IsType<ScaleOutcome.Done>(await test.Scaler.ScaleAsync("wakes", 0, Token));
        seen.Forget();
        await seen.SeesAsync(each => each is { Replicas: 0, Serving: null }, "to end");
        await seen.SeesAsync(each => each is { Replicas: 0, Tasks: [] }, "asleep");
        Assert.False(seen.WasCalledTwiceAtOnce);
    }

    [Fact]
    public async Task A_scale_behind_our_back_is_seen_in_less_than_a_second()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("scaled");
        using var seen = await test.WatchAsync("scaled");

        await test.Node.ScaleAsync("scaled", 1);
        var start = Stopwatch.GetTimestamp();
        await seen.SeesAsync(each => each.Replicas == 1, "one");
        var took = Stopwatch.GetElapsedTime(start);

        Assert.True(took < TimeSpan.FromSeconds(1), $"it took {took}");
        await seen.SeesAsync(each => each.Serving is not null, "serving, with nobody in a hurry");
    }

    [Theory]
    [InlineData(SwarmMachine.Network)]
    [InlineData(SwarmMachine.SealedNetwork)]
    public async Task A_gateway_in_a_container_uses_the_tasks_address_in_the_network_that_they_share(string network)
    {
        var node = await swarm.GetAsync();
        var gateway = await node.Client.Containers.CreateAsync(
            new CreateContainer
            {
                Image = DockerEngine.Image,
                Cmd = DockerEngine.Idle,
                HostConfig = new HostConfig { NetworkMode = network },
            },
            $"gateway-{network}",
            Token);
        await node.Client.Containers.StartAsync(gateway.Id, Token);
        try
        {
            await using var test = new SwarmFixture(node, ownContainer: gateway.Id);
            var spec = SwarmMachine.Agent($"attached-{network}");
            spec = spec with
            {
                TaskTemplate = spec.TaskTemplate with { Networks = [new NetworkAttachment { Target = network }] },
            };
            await test.DeployAsync(spec);
            using var seen = await test.WatchAsync(spec.Name!);

            using var hurry = test.Watch.Hurry(spec.Name!);
            await test.Scaler.ScaleAsync(spec.Name!, 1, Token);
            var serving = (await seen.SeesAsync(each => each.Serving is not null, "serving")).Serving!;

            Assert.StartsWith("10.0.", serving.Address!, StringComparison.Ordinal);
            await Eventually.TrueAsync(
                async () => (await RunInAsync(node, gateway.Id, $"wget -qO- http://{serving.Address}:8081/"))
                    .Contains("awake", StringComparison.Ordinal),
                "an answer over the network that they share",
                Token);
        }
        finally
        {
            await node.Engine.RemoveAsync(gateway.Id);
        }
    }

    private static async Task<string> RunInAsync(SwarmMachine node, string container, string line)
    {
        var output = new StringBuilder();
        var id = await node.Client.Exec.CreateAsync(
            container, new CreateExec { Cmd = DockerEngine.Shell(line) }, Token);
        await foreach (var each in node.Client.Exec.StartAsync(id, tty: false, Token))
        {
            output.AppendLine(each.Text);
        }

        return output.ToString();
    }

    private static async Task ConnectAsync(string address, int port)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(address, port, Token);
    }
}
