using System.Net;
using Drover.Core.Trust;
using Drover.Server.Features.Access;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Server.Tests.Hosts;

/// <summary>A supervisor that enrolled: an enrolled role like a host agent, and no machine with an engine.</summary>
public sealed class SupervisorTests
{
    [Fact]
    public async Task Its_events_have_it_as_their_source_and_only_its_own_are_its_to_tell()
    {
        await using var server = await ServerFixture.StartAsync();
        var supervisor = await server.EnrollAsync("box-supervisor", AgentKinds.Supervisor);
        var people = server.OnSocket();
        var before = await people.EventsAsync();

        var accepted = await supervisor.EventsAsync(
            7,
            1,
            AgentEvents.Of("component.exited", "web"),
            AgentEvents.Of("restart.scheduled", "web"),
            AgentEvents.Of("container.died", "web"),
            AgentEvents.Of("access.denied", "alice"),
            AgentEvents.Of("host.removed", "beta"),
            AgentEvents.Of("alert.disk_full", "logs"),
            AgentEvents.Of("alert.loss", "events"));

        Assert.Equal(7, accepted.AcceptedThrough);
        var told = (await people.EventsAsync()).Skip(before.Count).ToList();
        Assert.Equal(
            ["component.exited", "restart.scheduled", "alert.disk_full", "alert.loss"], told.Select(one => one.Type));
        Assert.All(told, one => Assert.Equal("/supervisors/box-supervisor", one.Source));
        Assert.Equal(4, (await people.EventsAsync("after=0&host=box-supervisor&type=component.*&type=restart.*"
            + "&type=alert.*")).Count);
    }

    [Fact]
    public async Task It_is_live_without_an_engine_late_and_offline_when_silent_and_its_goodbye_is_one()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var supervisor = await server.EnrollAsync("box-supervisor", AgentKinds.Supervisor);
        var people = server.OnSocket();
        await supervisor.HeartbeatAsync(docker: null);
        var live = await people.HostAsync("box-supervisor");
        Assert.Equal((AgentKinds.Supervisor, "live", null), (live.Kind, live.State, live.Reason));

        await clock.PassAsync(TimeSpan.FromSeconds(41));
        Assert.Equal("late", (await people.HostAsync("box-supervisor")).State);
        await clock.PassAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("offline", (await people.HostAsync("box-supervisor")).State);

        await supervisor.HeartbeatAsync(docker: null);
        Assert.Equal("live", (await people.HostAsync("box-supervisor")).State);
        await supervisor.HeartbeatAsync(docker: null, goodbye: true);
        Assert.Equal("goodbye", (await people.HostAsync("box-supervisor")).State);
        Assert.DoesNotContain(await people.EventsAsync(), one => one.Type == "host.docker_down");
    }

    [Fact]
    public async Task Its_kind_and_its_events_place_survive_a_restart_of_the_server()
    {
        await using var server = await ServerFixture.StartAsync();
        var supervisor = await server.EnrollAsync("box-supervisor", AgentKinds.Supervisor);
        await supervisor.EventsAsync(7, 1, AgentEvents.Of("component.exited", "a"));
        await server.RestartAsync();

        await supervisor.EventsAsync(
            7, 1, AgentEvents.Of("component.exited", "a"), AgentEvents.Of("component.exited", "b"));

        Assert.Equal(
            ["a", "b"],
            (await server.OnSocket().EventsAsync("after=0&type=component.exited")).Select(one => one.Subject));
        Assert.Equal(AgentKinds.Supervisor, (await server.OnSocket().HostAsync("box-supervisor")).Kind);
    }

    [Fact]
    public async Task What_host_agents_alone_say_is_refused_from_it_and_told()
    {
        await using var server = await ServerFixture.StartAsync();
        var supervisor = await server.EnrollAsync("box-supervisor", AgentKinds.Supervisor);
        var refused = 0;
        foreach (var rule in AccessTable.Rules.Where(rule => rule is { Who: Who.Agent, TakesAnyKind: false }))
        {
            using var request = supervisor.Sign(
                new HttpMethod(rule.Method),
                rule.Route.Replace("{hash}", supervisor.DeploymentHash, StringComparison.Ordinal)
                    .Replace("{id}", "none", StringComparison.Ordinal),
                rule.Method == "GET" ? null : "{}"u8.ToArray(),
                bodyHash: rule.IsStream ? RequestSignature.StreamBodyHash : null);
            var problem = await server.Stranger().SendAsync(request, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.Forbidden, Problems.Forbidden);
            Assert.Contains("box-supervisor is a supervisor", problem.Detail, StringComparison.Ordinal);
            refused++;
        }

        Assert.Equal(6, refused);
        Assert.Equal(
            [Routes.Heartbeat, Routes.AgentKey, Routes.AgentEvents],
            AccessTable.Rules.Where(rule => rule.TakesAnyKind).Select(rule => rule.Route));
        Assert.Contains(
            await server.OnSocket().EventsAsync("after=0&type=access.denied"), one => one.Subject == "box-supervisor");
    }

    [Fact]
    public async Task Commands_are_never_for_it_and_it_makes_none_ambiguous()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("box", "web");
        await server.EnrollAsync("box-supervisor", AgentKinds.Supervisor);
        var people = server.OnSocket();

        Assert.Equal("box", (await people.OrderAsync("list", app: null)).HostName);
        var problem = await people.TryOrderAsync("list", app: null, host: "box-supervisor")
            .ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        Assert.Contains("is a supervisor, which takes no commands", problem.Detail, StringComparison.Ordinal);
        await people.TryOrderAsync("restart", "web", host: "box-supervisor")
            .ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
    }

    [Fact]
    public async Task It_is_revoked_and_removed_like_a_host()
    {
        await using var server = await ServerFixture.StartAsync();
        var supervisor = await server.EnrollAsync("box-supervisor", AgentKinds.Supervisor);
        using var revoked = await server.Admin().PostAsync(
            Routes.HostRevocation.Replace("{host}", "box-supervisor", StringComparison.Ordinal),
            content: null,
            TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, revoked.StatusCode);
        using var refused = await supervisor.TryHeartbeatAsync(docker: null);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task A_kind_that_is_none_does_not_enroll_and_the_token_stays_good()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();
        var agent = new ScriptedAgent(server, "alpha") { Kind = "toaster" };

        var problem = await agent.TryEnrollAsync(token)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
        Assert.Contains("\"toaster\" is not one of host_agent, supervisor", problem.Detail, StringComparison.Ordinal);

        agent.Kind = AgentKinds.Supervisor;
        await agent.EnrollAsync(token);
    }

    [Fact]
    public async Task A_host_agent_still_has_to_say_how_its_engine_is()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();

        using var response = await agent.TryHeartbeatAsync(docker: null);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}
