using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.ColdStart;

/// <summary>Clients of a sleeping agent whose life is really led, over a Swarm that a test plays.</summary>
public sealed class RealLifeTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_client_that_does_as_it_is_told_gets_through_and_the_second_wake_says_how_long_it_takes()
    {
        var clock = new FakeClock();
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout").IsSlow = true;
        await using var rig = await StartAsync(swarm, GatewayRig.Service(agent.Origin), clock);
        var seat = rig.Role.Agents.Find("scout")!;
        Assert.Equal("""{"status":"sleeping","agent":"scout"}""", await rig.TextAsync("/api/health"));

        using (var first = await rig.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
            Assert.Equal("3", first.Headers.GetValues("Retry-After").Single());
            Assert.Equal(
                """{"status":"starting","agent":"scout"}""", await first.Content.ReadAsStringAsync(Ending));
        }

        Assert.Equal("""{"status":"starting","agent":"scout"}""", await rig.TextAsync("/api/health"));
        await swarm.Service("scout").UntilComingAsync();
        clock.Advance(TimeSpan.FromSeconds(1.2));
        swarm.Service("scout").Start();
        await seat.UntilAsync(AgentState.Ready);
        Assert.Equal("""{"status":"ready","agent":"scout"}""", await rig.TextAsync("/api/health"));
        Assert.StartsWith("GET / HTTP/1.1", await rig.TextAsync("/"), StringComparison.Ordinal);

        await seat.Life!.SleepAsync(SleepCause.Operator, Ending);
        Assert.Equal(
            """{"status":"starting","agent":"scout","estimated_wait":1.2}""", await rig.TextAsync("/"));
        await swarm.UntilAsync(() => swarm.Orders.Count == 3, "the second wake");
        Assert.Equal(["scale scout 1", "scale scout 0", "scale scout 1"], swarm.Orders);
    }

    [Fact]
    public async Task A_thousand_clients_on_one_sleeping_agent_are_one_scale_call_and_all_served()
    {
        const int Clients = 1000;
        await using var agent = await PlayedAgent.StartAsync(_ => Task.CompletedTask);
        var swarm = new PlayedSwarm();
        swarm.Add("scout").IsSlow = true;
        await using var rig = await StartAsync(swarm, GatewayRig.Service(agent.Origin));
        var activity = rig.Role.Agents.Find("scout")!.Activity;

        var answering = Enumerable.Range(0, Clients).Select(_ => CodeOfAsync(rig)).ToList();
        await ColdRig.UntilAsync(() => activity.Waiting == Clients, "all of them wait");
        await swarm.Service("scout").UntilComingAsync();
        swarm.Service("scout").Start();
        var codes = await Task.WhenAll(answering);

        Assert.All(codes, code => Assert.Equal(HttpStatusCode.OK, code));
        Assert.Equal(["scale scout 1"], swarm.Orders);
        Assert.Equal((0, 0), (activity.Waiting, activity.Open));
    }

    [Fact]
    public async Task A_wake_that_fails_says_why_instead_of_timing_out_blindly()
    {
        var swarm = new PlayedSwarm();
        swarm.Add("scout").IsSlow = true;
        await using var rig = await StartAsync(swarm, GatewayRig.Service(new Uri("http://127.0.0.1:1")));

        var answering = rig.Client.SendAsync(Held(rig), Ending);
        await swarm.Service("scout").UntilComingAsync();
        swarm.Service("scout").Fail("No such image: scout:latest", exitCode: null);
        using var answer = await answering;
        var body = await answer.Content.ReadAsStringAsync(Ending);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.StartsWith("""{"status":"degraded","agent":"scout","reason":"image_missing","message":""", body);
        Assert.Contains("No such image: scout:latest", body);
    }

    [Fact]
    public async Task Of_a_service_that_is_not_there_every_client_hears_at_once()
    {
        await using var rig = await StartAsync(new PlayedSwarm(), GatewayRig.Service(new Uri("http://127.0.0.1:1")));

        for (var time = 0; time < 2; time++)
        {
            Assert.StartsWith(
                """{"status":"degraded","agent":"scout","reason":"no_service","message":""", await rig.TextAsync("/"));
        }
    }

    [Fact]
    public async Task A_request_that_comes_while_its_agent_is_put_to_sleep_is_served_after_the_wake_that_follows()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = await PlayedAgent.StartAsync(
            context => context.Request.Path == "/slow" ? release.Task : Task.CompletedTask);
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        await using var rig = await StartAsync(swarm, GatewayRig.Service(agent.Origin));
        var seat = rig.Role.Agents.Find("scout")!;
        await seat.UntilAsync(AgentState.Ready);
        var slow = rig.GetAsync("/slow");
        await ColdRig.UntilAsync(() => seat.Activity.Open == 1, "work that is open");

        var asleep = seat.Life!.SleepAsync(SleepCause.Operator, Ending);
        await ColdRig.UntilAsync(() => seat.Activity.IsFenced, "the fence");
        var late = CodeOfAsync(rig);
        await ColdRig.UntilAsync(() => seat.Activity.Waiting == 1, "the request behind the fence");
        release.SetResult();

        Assert.Equal(HttpStatusCode.OK, (await slow).StatusCode);
        Assert.Equal(HttpStatusCode.OK, await late);
        await asleep;
        Assert.Equal(["scale scout 0", "scale scout 1"], swarm.Orders);
    }

    [Fact]
    public async Task A_frozen_agent_answers_itself_without_a_503()
    {
        await using var agent = await PlayedAgent.StartAsync(_ => Task.CompletedTask);
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        await using var rig = await StartAsync(
            swarm, GatewayRig.Service(agent.Origin) with { DozeAfter = TimeSpan.FromMilliseconds(100) });
        await rig.Role.Agents.Find("scout")!.UntilAsync(view => view.IsDozing);

        using var answer = await rig.GetAsync("/");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(swarm.Orders, order => order.StartsWith("unpause", StringComparison.Ordinal));
    }

    private static Task<GatewayRig> StartAsync(PlayedSwarm swarm, AgentDocument agent, TimeProvider? time = null) =>
        GatewayRig.StartAsync(new GatewayDocument { Agents = [agent] }, swarm: swarm, time: time);

    private static HttpRequestMessage Held(GatewayRig rig)
    {
        var request = rig.Request(HttpMethod.Get, "/");
        request.Headers.Add("Prefer", "wait=30");
        return request;
    }

    private static async Task<HttpStatusCode> CodeOfAsync(GatewayRig rig)
    {
        using var answer = await rig.Client.SendAsync(Held(rig), Ending);
        return answer.StatusCode;
    }
}
