using System.Net.Sockets;
using System.Text.Json;
using Drover.Gateway.Swarm;
using Drover.Core.Agents;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Swarm;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>What a scale changes on a Swarm of one real node, and what it does not.</summary>
public sealed class RealScaleTests(SharedSwarm swarm)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Defect_5_a_scale_beside_others_who_change_the_service_arrives()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("contested");
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var others = Task.WhenAll(
            RelabelAsync(test.Node.Client, "contested", enough.Token),
            RelabelAsync(test.Node.Client, "contested", enough.Token));

        foreach (var replicas in (int[])[1, 0, 2, 0])
        {
            ScaleOutcome outcome;
            do
            {
                outcome = await test.Scaler.ScaleAsync("contested", replicas, Token);
            }
            while (outcome is ScaleOutcome.Unreachable);

            Assert.IsType<ScaleOutcome.Done>(outcome);
        }

        await enough.CancelAsync();
        var stale = await others;
        Assert.True(stale.Sum() > 0, "nobody was ever faster than another");
        Assert.Equal(
            0, (await test.Node.Client.Services.InspectAsync("contested", Token)).Spec.Mode!.Replicated!.Replicas);
    }

    [Fact]
    public async Task A_scale_keeps_the_whole_spec_of_the_owner_and_the_tasks_that_run()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        var config = await test.Node.Client.Configs.CreateAsync(
            new SwarmFileSpec { Name = "motd", Data = "hello"u8.ToArray() }, Token);
        await test.DeployAsync(Elaborate("elaborate", config), replicas: 1);
        using var seen = await test.WatchAsync("elaborate");
        var first = (await seen.SeesAsync(each => each.Serving is not null, "serving")).Serving!.Id;
        var before = await SpecAsync(test.Node, "elaborate");

        Assert.IsType<ScaleOutcome.Done>(await test.Scaler.ScaleAsync("elaborate", 2, Token));
        await seen.SeesAsync(each => each.Tasks.Count(task => task.IsUp) == 2, "two");

        Assert.Equal(
            before.Replace("\"Replicas\":1", "\"Replicas\":2", StringComparison.Ordinal),
            await SpecAsync(test.Node, "elaborate"));
        Assert.Contains(seen.Seen[^1].Tasks, task => task.Id == first && task is { IsWanted: true, IsUp: true });
        await test.Scaler.ScaleAsync("elaborate", 0, Token);
        Assert.Equal(
            before.Replace("\"Replicas\":1", "\"Replicas\":0", StringComparison.Ordinal),
            await SpecAsync(test.Node, "elaborate"));
        await test.Node.RemoveAsync("elaborate");
        await test.Node.Client.Configs.RemoveAsync(config, Token);
    }

    [Fact]
    public async Task A_service_whose_name_begins_with_anothers_is_another()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("twin-old", replicas: 1);
        await test.DeployAsync("twin");
        using var seen = await test.WatchAsync("twin");
        using var old = await test.WatchAsync("twin-old");
        var id = (await old.SeesAsync(each => each.Serving is not null, "serving")).Serving!.Id;

        Assert.IsType<ScaleOutcome.Refused>(await test.Scaler.ScaleAsync("twi", 0, Token));
        await test.Scaler.ScaleAsync("twin", 1, Token);
        await seen.SeesAsync(each => each.Serving is not null, "serving");
        await test.Scaler.ScaleAsync("twin", 0, Token);
        await seen.SeesAsync(each => each is { Replicas: 0, Serving: null }, "asleep");

        Assert.Equal((1, id), (old.Seen[^1].Replicas, old.Seen[^1].Serving!.Id));
        Assert.DoesNotContain(seen.Seen, each => each.Tasks.Any(task => task.Id == id));
    }

    [Fact]
    public async Task Watching_and_hurrying_never_change_a_service()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("always-on", replicas: 1);
        using var seen = await test.WatchAsync("always-on");
        await seen.SeesAsync(each => each.Serving is { Phase: TaskPhase.Running }, "running");
        var before = (await test.Node.Client.Services.InspectAsync("always-on", Token)).Version;
        using (test.Watch.Hurry("always-on"))
        {
            await test.Node.Client.Containers.KillAsync(seen.Seen[^1].Serving!.ContainerId!, signal: null, Token);
            seen.Forget();
            await seen.SeesAsync(each => each.Serving is null, "dead");
            await seen.SeesAsync(each => each.Serving is { Phase: TaskPhase.Running }, "replaced by Swarm itself");
        }

        Assert.Equal(before, (await test.Node.Client.Services.InspectAsync("always-on", Token)).Version);
    }

    /// <summary>Changes a label as fast as it goes; gives how often another was faster.</summary>
    private static async Task<int> RelabelAsync(
        DockerClient client, string service, CancellationToken cancellationToken)
    {
        var stale = 0;
        for (var number = 0; !cancellationToken.IsCancellationRequested; number++)
        {
            var found = await client.Services.InspectAsync(service, CancellationToken.None);
            var labels = new Dictionary<string, string> { ["number"] = $"{number}" };
            try
            {
                await client.Services.UpdateAsync(
                    found.Id, found.Version, found.Spec with { Labels = labels }, null, CancellationToken.None);
            }
            catch (DockerApiException error) when (error.IsStaleVersion)
            {
                stale++;
            }
        }

        return stale;
    }

    private static async Task<string> SpecAsync(SwarmMachine node, string service)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(node.Engine.SocketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using var client = new HttpClient(handler);
        var text = await client.GetStringAsync(new Uri($"http://docker/v1.41/services/{service}"), Token);
        using var document = JsonDocument.Parse(text);
        return document.RootElement.GetProperty("Spec").GetRawText();
    }

    /// <summary>A service with much that our types do not know.</summary>
    private static ServiceSpec Elaborate(string name, string config)
    {
        var spec = SwarmMachine.Agent(name);
        return spec with
        {
            Labels = new Dictionary<string, string> { ["note"] = "<b> & \"quotes\" é" },
            TaskTemplate = spec.TaskTemplate with
            {
                ContainerSpec = spec.TaskTemplate.ContainerSpec! with
                {
                    Configs =
                        [new() { ConfigId = config, ConfigName = "motd", File = new() { Name = "/etc/motd" } }],
                    Healthcheck = new HealthCheck { Test = ["CMD", "true"], Interval = TimeSpan.FromMilliseconds(250) },
                    Other = new()
                    {
                        ["Sysctls"] = Json("""{"net.ipv4.ip_unprivileged_port_start":"80"}"""),
                        ["Ulimits"] = Json("""[{"Name":"nofile","Hard":2048,"Soft":1024}]"""),
                        ["StopGracePeriod"] = Json("1500000077"),
                        ["CapabilityAdd"] = Json("""["CAP_NET_ADMIN"]"""),
                    },
                },
                RestartPolicy = new TaskRestartPolicy { Condition = "any", Delay = TimeSpan.FromSeconds(1) },
                Placement = new Placement
                {
                    Other = new()
                    {
                        ["Preferences"] = Json("""[{"Spread":{"SpreadDescriptor":"node.labels.rack"}}]"""),
                    },
                },
            },
            UpdateConfig = new UpdateConfig
            {
                Parallelism = 1,
                Other = new() { ["MaxFailureRatio"] = Json("0.25"), ["Monitor"] = Json("5000000001") },
            },
        };
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
