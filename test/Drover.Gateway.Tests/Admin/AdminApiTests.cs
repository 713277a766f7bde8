using System.Net;
using System.Text.Json;
using Drover.Core.Agents;
using Drover.Core.Events;
using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Events;
using Drover.Testing.Docker;
using Drover.Wire.Client;

namespace Drover.Gateway.Tests.Admin;

/// <summary>What operators ask of the admin listener, and what it answers.</summary>
public sealed class AdminApiTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_list_shows_every_agent_with_state_reason_hostnames_and_what_is_open()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Seat().View = new AgentView(AgentState.Degraded) { Reason = "no node fits", ReasonCode = "no_node" };
        Assert.True(rig.Seat().Activity.TryBegin(WorkKind.WebSocket));

        var list = await rig.GetAsync("/api/v1/agents");

        var agent = Assert.Single(list.GetProperty("items").EnumerateArray());
        Assert.Equal("scout", agent.GetProperty("name").GetString());
        Assert.Equal("degraded", agent.GetProperty("state").GetString());
        Assert.Equal("no node fits", agent.GetProperty("reason").GetString());
        Assert.Equal("no_node", agent.GetProperty("reason_code").GetString());
        Assert.Equal("on_demand", agent.GetProperty("policy").GetString());
        Assert.Equal("stack_scout", agent.GetProperty("service").GetString());
        Assert.Equal("*.scout.test", agent.GetProperty("hostnames")[1].GetString());
        Assert.Equal(1, agent.GetProperty("connections").GetProperty("websocket").GetInt32());
        Assert.False(agent.TryGetProperty("idle_seconds", out _));
        Assert.False(list.TryGetProperty("next", out _));
    }

    [Fact]
    public async Task An_inspection_shows_settings_with_their_defaults_and_routes_and_no_secret()
    {
        await using var rig = await AdminRig.StartAsync();

        var agent = await rig.GetAsync("/api/v1/agents/scout");

        var settings = agent.GetProperty("settings");
        Assert.Equal(8081, settings.GetProperty("port").GetInt32());
        Assert.Equal("30m", settings.GetProperty("on_demand").GetProperty("idle_timeout").GetString());
        Assert.Equal("10s", settings.GetProperty("health").GetProperty("period").GetString());
        Assert.Equal(
            ["scout.test", "*.scout.test"],
            agent.GetProperty("routes").EnumerateArray().Select(route => route.GetProperty("hostname").GetString()!));
        Assert.DoesNotContain("token", agent.GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_inspection_shows_the_service_and_its_tasks_as_swarm_has_them()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Swarm.Add("stack_scout", replicas: 1);
        rig.Swarm.IsReachable = true;

        var swarm = (await rig.GetAsync("/api/v1/agents/scout")).GetProperty("swarm");

        Assert.True(swarm.GetProperty("reachable").GetBoolean());
        Assert.Equal(1, swarm.GetProperty("replicas").GetInt32());
        var task = Assert.Single(swarm.GetProperty("tasks").EnumerateArray());
        Assert.Equal("running", task.GetProperty("phase").GetString());
        Assert.True(task.TryGetProperty("address", out _));
    }

    [Theory]
    [InlineData("GET", "/api/v1/agents/scuot", 404, "there is none of that name; did you mean \"scout\"?")]
    [InlineData("GET", "/api/v1/agents?name=scout", 400, "there is no parameter \"name\" here")]
    [InlineData("POST", "/api/v1/agents/scout/wake?wait=26", 400, "wait \"26\" is not a whole number from 0 to 25")]
    [InlineData("DELETE", "/api/v1/agents/scout", 405, "DELETE is nothing that can be asked here")]
    [InlineData("GET", "/api/v1/agents/", 404, "the admin listener has no such path")]
    [InlineData("GET", "/api/v1/events?type=agent.woke", 400, "there is no event type \"agent.woke\"")]
    [InlineData("GET", "/api/v1/events?after=x", 400, "\"x\" is not the id of an event")]
    public async Task What_cannot_be_answered_is_a_problem_that_says_why(
        string method, string path, int status, string why)
    {
        await using var rig = await AdminRig.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await rig.Operator.SendAsync(request, Ending);

        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Ending)).RootElement;

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:drover:problem:", problem.GetProperty("type").GetString());
        Assert.Contains(why, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_wake_by_hand_answers_202_while_it_is_under_way_and_200_once_the_agent_serves()
    {
        await using var rig = await AdminRig.StartAsync();
        var life = rig.Play();
        life.OnWake = () => rig.Seat().View = new AgentView(AgentState.Starting);

        var (first, starting) = await rig.PostAsync("/api/v1/agents/scout/wake?wait=0");
        var waiting = rig.PostAsync("/api/v1/agents/scout/wake?wait=25");
        await AskedAsync(() => life.Asked.Count == 2);
        rig.Seat().View = new AgentView(AgentState.Ready);
        var (second, ready) = await waiting;

        Assert.Equal((202, "starting"), (first, starting.GetProperty("state").GetString()));
        Assert.Equal((200, "ready"), (second, ready.GetProperty("state").GetString()));
        Assert.Equal(["wake Operator", "wake Operator"], life.Asked);
    }

    [Fact]
    public async Task A_wake_by_hand_that_fails_says_why_and_not_why_the_one_before_failed()
    {
        await using var rig = await AdminRig.StartAsync();
        var life = rig.Play();
        rig.Seat().View = new AgentView(AgentState.Degraded) { Reason = "no node fits" };
        var waiting = rig.PostAsync("/api/v1/agents/scout/wake");
        await AskedAsync(() => !life.Asked.IsEmpty);
        rig.Seat().View = new AgentView(AgentState.Starting);
        rig.Seat().View = new AgentView(AgentState.Degraded) { Reason = "its image is missing" };

        var (status, problem) = await waiting;

        Assert.Equal(409, status);
        Assert.Equal(
            "cannot wake the agent \"scout\": its image is missing", problem.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("wake", AgentPolicy.AlwaysOn, "its policy is always_on: Swarm alone starts and stops it")]
    [InlineData("sleep", AgentPolicy.AlwaysOn, "its policy is always_on: Swarm alone starts and stops it")]
    [InlineData("wake", AgentPolicy.Unmanaged, "its policy is unmanaged: the gateway only forwards to it")]
    [InlineData("sleep", AgentPolicy.Unmanaged, "its policy is unmanaged: the gateway only forwards to it")]
    public async Task An_agent_that_is_not_on_demand_is_neither_woken_nor_put_to_sleep_by_hand(
        string order, AgentPolicy policy, string why)
    {
        await using var rig = await AdminRig.StartAsync(directory => new GatewayDocument
        {
            Agents = [AdminRig.Managed(directory) with { Policy = policy }],
        });
        var life = rig.Play();

        var (status, problem) = await rig.PostAsync($"/api/v1/agents/scout/{order}");

        Assert.Equal(409, status);
        Assert.EndsWith(why, problem.GetProperty("detail").GetString());
        Assert.Empty(life.Asked);
    }

    [Fact]
    public async Task An_order_to_sleep_goes_on_when_its_giver_hangs_up_and_the_same_order_joins_it()
    {
        await using var rig = await AdminRig.StartAsync();
        var life = rig.Play();

        using (var hangsUp = new CancellationTokenSource())
        {
            var left = rig.Client.SleepAsync("scout", GatewayClient.LongestWait, hangsUp.Token);
            await AskedAsync(() => !life.Asked.IsEmpty);
            await hangsUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        var (joined, _) = await rig.PostAsync("/api/v1/agents/scout/sleep?wait=0");

        Assert.Equal(202, joined);
        Assert.False(life.SleepToken.IsCancellationRequested);
        Assert.Equal(["sleep Operator"], life.Asked);
    }

    [Fact]
    public async Task An_order_to_sleep_answers_200_with_the_agent_once_it_sleeps()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Play().EndSleep(new SleepOutcome.Asleep());
        rig.Seat().View = new AgentView(AgentState.Sleeping) { IsDozing = true };

        var (status, agent) = await rig.PostAsync("/api/v1/agents/scout/sleep");

        Assert.Equal(200, status);
        Assert.Equal("doze", agent.GetProperty("tier").GetString());
    }

    [Fact]
    public async Task An_order_to_sleep_that_is_refused_says_why()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Play().EndSleep(new SleepOutcome.Refused("it was woken meanwhile"));

        var (status, problem) = await rig.PostAsync("/api/v1/agents/scout/sleep");

        Assert.Equal(409, status);
        Assert.Equal(
            "cannot put to sleep the agent \"scout\": it was woken meanwhile",
            problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task What_is_open_is_shown_by_agent_and_kind_and_the_gateways_health_sums_it_up()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Seat().View = new AgentView(AgentState.Ready);
        WorkKind[] open = [WorkKind.Http, WorkKind.Http, WorkKind.Events, WorkKind.Grpc, WorkKind.WebSocket];
        Assert.All(open, kind => Assert.True(rig.Seat().Activity.TryBegin(kind)));
        _ = rig.Seat().Activity.RaiseFenceAsync();

        var connections = (await rig.GetAsync("/api/v1/connections")).GetProperty("items")[0];
        var health = await rig.GetAsync("/api/v1/health");

        Assert.Equal(
            """{"agent":"scout","open":5,"http":2,"events":1,"grpc":1,"websocket":1,"fenced":true}""",
            connections.GetRawText());
        Assert.Equal("ok", health.GetProperty("status").GetString());
        Assert.Equal(1, health.GetProperty("agents").GetProperty("ready").GetInt32());
        Assert.Equal((5, 2), (health.GetProperty("open").GetInt32(), health.GetProperty("routes").GetInt32()));
    }

    [Fact]
    public async Task Who_watches_sees_a_change_of_state_at_once_and_new_work_within_a_second()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Seat().View = new AgentView(AgentState.Sleeping);
        await using var pictures = rig.Client.WatchAgentsAsync(null, Ending).GetAsyncEnumerator(Ending);
        Assert.True(await pictures.MoveNextAsync());
        Assert.Equal("sleeping", pictures.Current[0].State);

        rig.Seat().View = new AgentView(AgentState.Starting);
        Assert.True(await pictures.MoveNextAsync());
        Assert.Equal("starting", pictures.Current[0].State);

        Assert.True(rig.Seat().Activity.TryBegin(WorkKind.Http));
        Assert.True(await pictures.MoveNextAsync());
        Assert.Equal(1, pictures.Current[0].Connections.Http);
    }

    [Fact]
    public async Task Events_are_listed_and_followed_and_who_comes_back_misses_none()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Events.Publish(EventTypes.AgentWake, "scout", ("cause", "operator"));
        rig.Events.Publish(EventTypes.AgentReady, "scout");
        rig.Events.Publish(EventTypes.AgentReady, "guide");

        var list = await rig.Client.ListEventsAsync(
            new GatewayEventQuery(["agent.*"], "scout", Limit: 10), Ending);
        var newest = await rig.Client.ListEventsAsync(new GatewayEventQuery(Limit: 1), Ending);
        var first = await rig.Client.ListEventsAsync(new GatewayEventQuery(After: "7-0", Limit: 2), Ending);
        await using var resumed = rig.Client
            .FollowEventsAsync(new GatewayEventQuery(["agent.ready"], After: list.Items[0].Id), null, null, Ending)
            .GetAsyncEnumerator(Ending);

        Assert.Equal(["agent.wake", "agent.ready"], list.Items.Select(one => one.Type));
        Assert.Equal("guide", Assert.Single(newest.Items).Subject);
        Assert.Equal(("7-2", 2), (first.Next, first.Items.Count));
        Assert.True(await resumed.MoveNextAsync());
        Assert.Equal(("scout", list.Items[1].Id), (resumed.Current.Subject, resumed.Current.Id));
        Assert.True(await resumed.MoveNextAsync());
        Assert.Equal("guide", resumed.Current.Subject);
        rig.Events.Publish(EventTypes.AgentReady, "later");
        Assert.True(await resumed.MoveNextAsync());
        Assert.Equal("later", resumed.Current.Subject);
    }

    [Fact]
    public async Task Who_comes_back_after_a_restart_is_told_that_something_is_missing()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Events.Publish(EventTypes.AgentReady, "scout");
        var gaps = 0;
        await using var events = rig.Client
            .FollowEventsAsync(new GatewayEventQuery(After: "6-41"), () => gaps++, null, Ending)
            .GetAsyncEnumerator(Ending);

        Assert.True(await events.MoveNextAsync());

        Assert.Equal((1, "scout"), (gaps, events.Current.Subject));
    }

    [Fact]
    public async Task Nothing_is_intercepted_on_the_hostnames_of_agents_whatever_the_admin_listener_has_at_that_path()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        string[] paths =
        [
            "/api/services", "/api/wake", "/api/health", "/metrics", "/admin/agents", "/api/v1/agents",
            "/api/v1/events",
        ];

        foreach (var path in paths)
        {
            Assert.StartsWith($"GET {path} HTTP/1.1", await rig.TextAsync(path));
        }

        using var unknown = await rig.GetAsync("/metrics", "nobody.test");
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    private static Task AskedAsync(Func<bool> condition) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), "the order reaches the agent's life", Ending);
}
