using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Swarm;
using Drover.Gateway.Tests.Rig;

namespace Drover.Gateway.Tests.Lifecycle;

/// <summary>From a sleeping agent to its first answer, over a whole gateway and a Swarm that a test plays.</summary>
public sealed class WakeTests
{
    [Fact]
    public async Task A_wake_scales_the_service_to_one_and_leads_requests_to_its_task()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout");
        await using var gateway = await StartAsync(swarm, GatewayRig.Service(agent.Origin));
        var seat = SeatOf(gateway);
        Assert.Equal(AgentState.Sleeping, seat.View.State);

        seat.Life!.Wake(WakeCause.Request);
        await seat.UntilAsync(AgentState.Ready);

        Assert.Equal(["scale scout 1"], swarm.Orders);
        Assert.StartsWith("GET /hello HTTP/1.1", await gateway.TextAsync("/hello"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_who_want_it_make_one_order()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout").IsSlow = true;
        await using var gateway = await StartAsync(swarm, GatewayRig.Service(agent.Origin));
        var seat = SeatOf(gateway);

        Parallel.For(0, 1000, _ => seat.Life!.Wake(WakeCause.Request));
        await swarm.Service("scout").UntilComingAsync();
        Parallel.For(0, 1000, _ => seat.Life!.Wake(WakeCause.Request));
        swarm.Service("scout").Start();
        await seat.UntilAsync(AgentState.Ready);

        Assert.Equal(["scale scout 1"], swarm.Orders);
    }

    [Fact]
    public async Task A_wake_that_fails_says_at_once_that_the_image_is_missing_and_scales_back()
    {
        var swarm = new PlayedSwarm();
        swarm.Add("scout").IsSlow = true;
        await using var gateway = await StartAsync(swarm, GatewayRig.Service(new Uri("http://127.0.0.1:1")));
        var seat = SeatOf(gateway);
        seat.Life!.Wake(WakeCause.Request);
        await swarm.Service("scout").UntilComingAsync();

        swarm.Service("scout").Fail("No such image: scout:latest", exitCode: null);
        var view = await seat.UntilAsync(AgentState.Degraded);

        Assert.Equal(AgentReasons.ImageMissing, view.ReasonCode);
        Assert.Contains("No such image: scout:latest", view.Reason, StringComparison.Ordinal);
        await swarm.UntilOrderedAsync("scale scout 0");
    }

    [Fact]
    public async Task An_engine_that_does_not_answer_is_asked_again()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout");
        swarm.Outcomes.Enqueue(new ScaleOutcome.Unreachable("the engine is away"));
        await using var gateway = await StartAsync(swarm, GatewayRig.Service(agent.Origin));
        var seat = SeatOf(gateway);

        seat.Life!.Wake(WakeCause.Request);
        await seat.UntilAsync(AgentState.Ready);

        Assert.Equal(["scale scout 1", "scale scout 1"], swarm.Orders);
    }

    [Fact]
    public async Task Swarm_is_asked_often_while_somebody_waits_and_not_otherwise()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout").IsSlow = true;
        await using var gateway = await StartAsync(swarm, GatewayRig.Service(agent.Origin));
        var seat = SeatOf(gateway);
        Assert.Equal(0, swarm.Hurries);

        seat.Life!.Wake(WakeCause.Request);
        await swarm.Service("scout").UntilComingAsync();
        Assert.Equal(1, swarm.Hurries);
        swarm.Service("scout").Start();
        await seat.UntilAsync(AgentState.Ready);

        await swarm.UntilAsync(() => swarm.Hurries == 0, "nobody hurries");
    }

    [Fact]
    public async Task A_task_that_runs_and_does_not_answer_yet_is_not_ready()
    {
        var isUp = false;
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            context.Response.StatusCode = Volatile.Read(ref isUp) ? 200 : 503;
            return Task.CompletedTask;
        });
        var swarm = new PlayedSwarm();
        swarm.Add("scout");
        var document = GatewayRig.Service(agent.Origin) with { Health = new HealthDocument { Path = "/health" } };
        await using var gateway = await StartAsync(swarm, document);
        var seat = SeatOf(gateway);

        seat.Life!.Wake(WakeCause.Request);
        await swarm.UntilOrderedAsync("scale scout 1");
        Assert.Equal(AgentState.Starting, seat.View.State);
        Volatile.Write(ref isUp, true);

        await seat.UntilAsync(AgentState.Ready);
        using var response = await gateway.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Task<GatewayRig> StartAsync(PlayedSwarm swarm, AgentDocument agent) =>
        GatewayRig.StartAsync(new GatewayDocument { Agents = [agent] }, swarm: swarm);

    private static AgentSeat SeatOf(GatewayRig gateway) => gateway.Role.Agents.Find("scout")!;
}
