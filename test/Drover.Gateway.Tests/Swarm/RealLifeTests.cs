using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Swarm;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>A whole gateway on a Swarm of one real node: requests wake real services, which go to sleep again.</summary>
public sealed class RealLifeTests(SharedSwarm swarm)
{
    private static readonly HoldDocument Held = new() { Wait = TimeSpan.FromSeconds(60) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_wakes_a_service_is_served_by_it_and_idleness_puts_it_back_to_sleep_twice()
    {
        var node = await swarm.GetAsync();
        await using var test = new SwarmFixture(node);
        await test.DeployAsync("life");
        await using var gateway = await StartAsync(
            node, Agent("life") with { Idle = new IdleDocument { Timeout = TimeSpan.FromSeconds(1) } });
        var seat = Seat(gateway, "life");
        Assert.Equal(AgentState.Sleeping, seat.View.State);

        var before = "";
        for (var round = 0; round < 2; round++)
        {
            Assert.Equal("awake\n", await gateway.TextAsync("/", "life.test"));
            Assert.Equal(1, await ReplicasAsync(node, "life"));
            var task = await TaskAsync(node, "life");
            Assert.NotEqual(before, task);
            before = task;
            await seat.UntilAsync(AgentState.Sleeping);
            await Eventually.TrueAsync(
                async () => await ReplicasAsync(node, "life") == 0, "it is scaled to nothing", Token);
        }
    }

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

    [Fact]
    public async Task A_frozen_task_answers_the_first_request_and_stays_the_same_task()
    {
        var node = await swarm.GetAsync();
        await using var test = new SwarmFixture(node);
        await test.DeployAsync("dozes");
        await using var gateway = await StartAsync(
            node, Agent("dozes") with { DozeAfter = TimeSpan.FromMilliseconds(500) });
        Assert.Equal("awake\n", await gateway.TextAsync("/", "dozes.test"));
        var task = await TaskAsync(node, "dozes");
        for (var round = 0; round < 3; round++)
        {
            await Seat(gateway, "dozes").UntilAsync(view => view.IsDozing);
            Assert.Equal("awake\n", await gateway.TextAsync("/", "dozes.test"));
        }

        Assert.Equal(task, await TaskAsync(node, "dozes"));
    }

    [Fact]
    public async Task A_gateway_that_starts_again_finds_what_runs_and_serves_it_with_the_first_request()
    {
        var node = await swarm.GetAsync();
        await using var test = new SwarmFixture(node);
        await test.DeployAsync("stays", replicas: 1);
        await RunsAsync(node, "stays");
        for (var start = 0; start < 2; start++)
        {
            await using var gateway = await StartAsync(
                node, Agent("stays") with { Policy = AgentPolicy.AlwaysOn, Hold = new HoldDocument() });
            Assert.Equal(AgentState.Ready, Seat(gateway, "stays").View.State);
            using var response = await gateway.GetAsync("/", "stays.test");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task An_always_on_agent_that_dies_is_said_to_and_is_Swarms_to_start_again()
    {
        var node = await swarm.GetAsync();
        await using var test = new SwarmFixture(node);
        await test.DeployAsync("dies", replicas: 1);
        await RunsAsync(node, "dies");
        await using var gateway = await StartAsync(node, Agent("dies") with { Policy = AgentPolicy.AlwaysOn });
        var seat = Seat(gateway, "dies");
        await seat.UntilAsync(AgentState.Ready);
        var version = (await node.Client.Services.InspectAsync("dies", Token)).Version;
        var container = (await TasksAsync(node, "dies"))[0].Status.ContainerStatus!.ContainerId!;

        await node.Client.Containers.KillAsync(container, "SIGKILL", Token);
        var view = await seat.UntilAsync(AgentState.Degraded);
        Assert.NotNull(view.Reason);
        await seat.UntilAsync(AgentState.Ready);

        Assert.Equal("awake\n", await gateway.TextAsync("/", "dies.test"));
        Assert.Equal(version, (await node.Client.Services.InspectAsync("dies", Token)).Version);
    }

    [Fact]
    public async Task A_missing_image_is_told_as_such_and_the_service_scaled_back()
    {
        var node = await swarm.GetAsync();
        await using var test = new SwarmFixture(node);
        var spec = SwarmMachine.Agent("absent");
        await test.DeployAsync(spec with
        {
            TaskTemplate = spec.TaskTemplate with
            {
                ContainerSpec = spec.TaskTemplate.ContainerSpec! with { Image = "drover/nowhere:1" },
            },
        });
        await using var gateway = await StartAsync(node, Agent("absent") with { Hold = new HoldDocument() });
        using var first = await gateway.GetAsync("/", "absent.test");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);

        var view = await Seat(gateway, "absent").UntilAsync(AgentState.Degraded);

        Assert.Equal(AgentReasons.ImageMissing, view.ReasonCode);
        await Eventually.TrueAsync(
            async () => await ReplicasAsync(node, "absent") == 0, "it is scaled back to nothing", Token);
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

    private static async Task<int> ReplicasAsync(SwarmMachine node, string service) =>
        (int)(await node.Client.Services.InspectAsync(service, Token)).Spec.Mode!.Replicated!.Replicas!;

    private static Task RunsAsync(SwarmMachine node, string service) => Eventually.TrueAsync(
        async () => await TasksAsync(node, service) is [{ Status.State: "running" }], "its task runs", Token);

    /// <summary>The task that Swarm wants.</summary>
    private static async Task<string> TaskAsync(SwarmMachine node, string service) =>
        Assert.Single(await TasksAsync(node, service)).Id;

    private static async Task<IReadOnlyList<SwarmTask>> TasksAsync(SwarmMachine node, string service)
    {
        var tasks = await node.Client.Tasks.ListAsync(DockerFilters.Where("service", service), Token);
        return [.. tasks.Where(task => task.DesiredState == "running")];
    }
}
