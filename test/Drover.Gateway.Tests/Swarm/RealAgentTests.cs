using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Docker;
using Drover.Testing.Docker;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>The whole gateway in front of agents of a real Swarm.</summary>
public sealed class RealAgentTests(SharedSwarm swarm)
{
    private const string Held = "wait=25";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_is_woken_by_a_request_serves_and_is_put_back_to_sleep()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("ranger");
        await using var gateway = await StartAsync(test, Agent("ranger"));

        using var first = await gateway.GetAsync("/", "ranger.test");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        Assert.Equal("starting", await StateAsync(first));
        Assert.NotNull(first.Headers.RetryAfter);

        using var held = await AskAsync(gateway, "ranger.test", Held);
        Assert.Equal((HttpStatusCode.OK, "awake\n"), (held.StatusCode, await held.Content.ReadAsStringAsync(Token)));
        Assert.Equal(1, await ReplicasAsync(test, "ranger"));

        Assert.IsType<SleepOutcome.Asleep>(await Life(gateway, "ranger").SleepAsync(SleepCause.Operator, Token));
        Assert.Equal(0, await ReplicasAsync(test, "ranger"));
        using var status = await gateway.GetAsync("/api/health", "ranger.test");
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, "sleeping"), (status.StatusCode, await StateAsync(status)));
        Assert.Equal(0, await ReplicasAsync(test, "ranger"));
    }

    [Fact]
    public async Task A_thousand_clients_of_one_sleeping_agent_make_one_scale_call_and_are_all_served()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        var id = await test.DeployAsync(SwarmMachine.SpaciousAgent("crowded"));
        await using var gateway = await StartAsync(test, Agent("crowded"));
        gateway.Client.Timeout = TimeSpan.FromSeconds(60);
        var before = (await test.Node.Client.System.InfoAsync(Token)).SystemTime;

        var answers = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async _ =>
        {
            using var answer = await AskAsync(gateway, "crowded.test", Held);
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Token));
        }));

        Assert.All(answers, answer => Assert.Equal((HttpStatusCode.OK, "awake\n"), answer));
        var until = (await test.Node.Client.System.InfoAsync(Token)).SystemTime;
        var changes = await test.Node.Client.Events
            .ReadAsync(DockerFilters.Where("type", "service").And("service", id), before, until, Token)
            .ToListAsync(Token);
        Assert.Equal(["update"], changes.Select(change => change.Action));
    }

    [Fact]
    public async Task An_agent_that_nobody_uses_is_put_to_sleep_and_woken_again_in_another_task()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("idler");
        await using var gateway = await StartAsync(
            test, Agent("idler") with { Idle = new IdleDocument { Timeout = TimeSpan.FromSeconds(1) } });
        var seat = gateway.Role.Agents.Find("idler")!;

        using var first = await AskAsync(gateway, "idler.test", Held);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        await seat.UntilAsync(AgentState.Sleeping);
        await Eventually.TrueAsync(async () => await ReplicasAsync(test, "idler") == 0, "scaled to nothing", Token);

        // In the seconds that Swarm takes to end a task a wake makes another.
        using var second = await AskAsync(gateway, "idler.test", Held);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
    }

    [Fact]
    public async Task An_agent_that_dozes_is_frozen_and_the_first_request_thaws_it()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("dozer");
        using var seen = await test.WatchAsync("dozer");
        await using var gateway = await StartAsync(
            test, Agent("dozer") with { DozeAfter = TimeSpan.FromSeconds(1) });

        using var first = await AskAsync(gateway, "dozer.test", Held);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        var frozen = await seen.SeesAsync(each => each.Serving is { IsPaused: true }, "frozen");
        await gateway.Role.Agents.Find("dozer")!.UntilAsync(AgentState.Sleeping);
        Assert.Equal(1, await ReplicasAsync(test, "dozer"));

        var start = Stopwatch.GetTimestamp();
        using var second = await AskAsync(gateway, "dozer.test", Held);
        var took = Stopwatch.GetElapsedTime(start);
        Assert.Equal(
            (HttpStatusCode.OK, "awake\n"), (second.StatusCode, await second.Content.ReadAsStringAsync(Token)));
        Assert.True(took < TimeSpan.FromSeconds(1), $"it took {took}");
        Assert.Equal(frozen.Serving!.Id, seen.Seen[^1].Serving!.Id);
    }

    [Fact]
    public async Task A_wake_that_cannot_succeed_says_why()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        var spec = SwarmMachine.Agent("unmade");
        await test.DeployAsync(
            spec with
            {
                TaskTemplate = spec.TaskTemplate with
                {
                    ContainerSpec = spec.TaskTemplate.ContainerSpec! with { Image = "drover-test/absent:latest" },
                },
            });
        await using var gateway = await StartAsync(test, Agent("unmade"));

        using var answer = await AskAsync(gateway, "unmade.test", Held);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("degraded", await StateAsync(answer));
        var view = await gateway.Role.Agents.Find("unmade")!.UntilAsync(AgentState.Degraded);
        Assert.Contains("No such image: drover-test/absent", view.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_always_on_agent_is_never_started_stopped_or_changed_and_Swarm_restarts_it()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        var id = await test.DeployAsync("steady", replicas: 1);
        using var seen = await test.WatchAsync("steady");
        var up = (await seen.SeesAsync(each => each.Serving is { Phase: TaskPhase.Running }, "running")).Serving!;
        Assert.Equal("awake\n", await SwarmFixture.ReachesAsync(up.Address!));
        var before = (await test.Node.Client.Services.InspectAsync(id, Token)).Version;

        await using (var gateway = await StartAsync(test, Agent("steady") with { Policy = AgentPolicy.AlwaysOn }))
        {
            // Defect 3: a gateway that starts never answers 503 for it.
            Assert.Equal("awake\n", await gateway.TextAsync("/", "steady.test"));
            Assert.IsType<SleepOutcome.Refused>(await Life(gateway, "steady").SleepAsync(SleepCause.Operator, Token));

            await test.Node.Client.Containers.KillAsync(up.ContainerId!, signal: null, Token);
            var seat = gateway.Role.Agents.Find("steady")!;
            await seat.UntilAsync(view => view.State is not AgentState.Ready);
            Life(gateway, "steady").Wake(WakeCause.Operator);
            await seat.UntilAsync(AgentState.Ready);
            Assert.Equal("awake\n", await gateway.TextAsync("/", "steady.test"));
        }

        Assert.Equal(before, (await test.Node.Client.Services.InspectAsync(id, Token)).Version);
    }

    [Fact]
    public async Task A_gateway_that_is_started_again_serves_what_is_awake_with_its_first_answer()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("lasting");
        await using (var before = await StartAsync(test, Agent("lasting")))
        {
            using var woken = await AskAsync(before, "lasting.test", Held);
            Assert.Equal(HttpStatusCode.OK, woken.StatusCode);
        }

        await using var gateway = await StartAsync(test, Agent("lasting"));

        Assert.Equal("awake\n", await gateway.TextAsync("/", "lasting.test"));
    }

    [Fact]
    public async Task What_others_scale_behind_the_gateways_back_is_followed()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("handled");
        await using var gateway = await StartAsync(test, Agent("handled"));
        var seat = gateway.Role.Agents.Find("handled")!;
        Assert.Equal(AgentState.Sleeping, seat.View.State);

        await test.Node.ScaleAsync("handled", 1);
        await seat.UntilAsync(AgentState.Ready);
        Assert.Equal("awake\n", await gateway.TextAsync("/", "handled.test"));

        await test.Node.ScaleAsync("handled", 0);
        await seat.UntilAsync(AgentState.Sleeping);
        using var held = await AskAsync(gateway, "handled.test", Held);
        Assert.Equal((HttpStatusCode.OK, "awake\n"), (held.StatusCode, await held.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task What_an_agent_keeps_on_its_own_loopback_cannot_be_routed_to()
    {
        await using var test = new SwarmFixture(await swarm.GetAsync());
        await test.DeployAsync("private");
        await using var gateway = await StartAsync(
            test, Agent("private") with { Target = new AgentTarget.Service("private", SwarmMachine.PrivatePort) });

        using var answer = await AskAsync(gateway, "private.test", "wait=3");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Null(gateway.Role.Agents.Find("private")!.View.Backend);
    }

    private static Task<GatewayRig> StartAsync(SwarmFixture test, AgentDocument agent) => GatewayRig.StartAsync(
        new GatewayDocument { Agents = [agent] }, dockerHost: test.Node.Engine.Address);

    private static AgentDocument Agent(string service) => new()
    {
        Name = service,
        Hostnames = [GatewayRig.Host($"{service}.test")],
        Target = new AgentTarget.Service(service, SwarmMachine.Port),
        Policy = AgentPolicy.OnDemand,
        Health = new HealthDocument { Path = "/" },
    };

    private static IAgentLife Life(GatewayRig gateway, string agent) => gateway.Role.Agents.Find(agent)!.Life!;

    private static Task<HttpResponseMessage> AskAsync(GatewayRig gateway, string host, string prefer)
    {
        var request = gateway.Request(HttpMethod.Get, "/", host);
        request.Headers.Add("Prefer", prefer);
        return gateway.Client.SendAsync(request, Token);
    }

    private static async Task<string?> StateAsync(HttpResponseMessage answer)
    {
        using var body = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        return body.RootElement.GetProperty("status").GetString();
    }

    private static async Task<long?> ReplicasAsync(SwarmFixture test, string service) =>
        (await test.Node.Client.Services.InspectAsync(service, Token)).Spec.Mode!.Replicated!.Replicas;
}
