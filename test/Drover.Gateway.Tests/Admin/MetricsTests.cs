using System.Net.WebSockets;
using Drover.Core.Agents;
using Drover.Core.Events;
using Drover.Gateway.Agents;
using Drover.Gateway.Metrics;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Events;
using Drover.Testing.Docker;
using Drover.Testing.Documents;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.Admin;

/// <summary>What the gateway counts.</summary>
public sealed class MetricsTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_metrics_of_a_gateway_are_those_of_the_reference_and_promtool_has_nothing_against_them()
    {
        await using var rig = await AdminRig.StartAsync();
        Tell(rig);
        rig.Seat().Meter.Answered(200);
        await UntilAsync(rig, "drover_gateway_evictions_total{agent=\"scout\"} 1");

        var page = await PageAsync(rig);

        Assert.Equal(MetricsText.Reference("Gateway"), MetricsText.Exposed(page));
        var shown = MetricsText.LabelsExposed(page);
        var told = MetricsText.LabelsInReference("Gateway");
        Assert.Equal(told.Keys.Order(), shown.Keys.Order());
        Assert.All(shown, metric => Assert.Equal(told[metric.Key], metric.Value));
        Assert.Empty(await Promtool.CheckAsync(page, Ending));
    }

    [Fact]
    public async Task Promtool_sees_what_is_wrong_with_a_page() =>
        Assert.NotEmpty(await Promtool.CheckAsync("# TYPE requests counter\nrequests 1\n", Ending));

    [Fact]
    public async Task Requests_are_counted_by_agent_and_class_of_their_answer_whoever_answers()
    {
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            context.Response.StatusCode = int.Parse(
                context.Request.Path.Value![1..], System.Globalization.CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        foreach (var path in new[] { "/200", "/204", "/302", "/404", "/503" })
        {
            using var answer = await rig.GetAsync(path);
        }

        var seat = rig.Role.Agents.Find("scout")!;
        seat.View = new AgentView(AgentState.Degraded);
        using var unanswered = await rig.GetAsync("/200");

        Assert.Equal(
            ["none 0", "1xx 0", "2xx 2", "3xx 1", "4xx 1", "5xx 2"],
            seat.Meter.Answers().Select(answer => $"{answer.Class} {answer.Count}"));
        Assert.Equal(5, seat.Meter.Forwarding.Count);
    }

    [Fact]
    public async Task A_client_that_leaves_before_an_answer_is_counted_as_one_without()
    {
        await using var agent = await PlayedAgent.StartAsync(
            context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        var seat = rig.Role.Agents.Find("scout")!;
        using (var leaves = new CancellationTokenSource())
        {
            var left = rig.Client.SendAsync(rig.Request(HttpMethod.Get, "/"), leaves.Token);
            await Eventually.TrueAsync(() => Task.FromResult(seat.Activity.Open == 1), "the request is there", Ending);
            await leaves.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        }

        await Eventually.TrueAsync(
            () => Task.FromResult(seat.Meter.Answers().First().Count == 1), "the request is counted", Ending);
        Assert.Equal(0, seat.Meter.Forwarding.Count);
    }

    [Fact]
    public async Task Open_connections_are_written_by_kind_while_they_are_open()
    {
        await using var agent = await PlayedAgent.StartAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.ReceiveAsync(new byte[16], Ending);
            },
            webSockets: true);
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        var metrics = new GatewayMetrics(new Drover.Gateway.Routing.Routes(), TimeProvider.System)
        {
            Agents = rig.Role.Agents,
        };
        const string Open = "drover_gateway_connections{agent=\"scout\",kind=\"websocket\"} ";
        using (var client = new ClientWebSocket())
        {
            client.Options.SetRequestHeader("Host", "scout.test");
            await client.ConnectAsync(new Uri($"ws://{rig.Address.Authority}/"), Ending);
            Assert.Contains($"{Open}1\n", metrics.Write());
        }

        await Eventually.TrueAsync(
            () => Task.FromResult(metrics.Write().Contains($"{Open}0\n", StringComparison.Ordinal)),
            "the socket is closed",
            Ending);
    }

    [Fact]
    public async Task Wakes_sleeps_evictions_and_failures_are_counted_from_the_events_of_agents()
    {
        await using var rig = await AdminRig.StartAsync();

        Tell(rig);

        await UntilAsync(rig, "drover_gateway_evictions_total{agent=\"scout\"} 1");
        var page = await PageAsync(rig);
        Assert.Contains("drover_gateway_wakes_total{agent=\"scout\",cause=\"request\"} 1\n", page);
        Assert.Contains("drover_gateway_wake_duration_seconds_count{agent=\"scout\",tier=\"doze\"} 1\n", page);
        Assert.Contains(
            "drover_gateway_wake_duration_seconds_bucket{agent=\"scout\",tier=\"doze\",le=\"0.02\"} 1\n", page);
        Assert.Contains("drover_gateway_wake_duration_seconds_sum{agent=\"scout\",tier=\"stop\"} 0.44\n", page);
        Assert.Contains("drover_gateway_sleeps_total{agent=\"scout\",cause=\"idle\",tier=\"stop\"} 1\n", page);
        Assert.Contains("drover_gateway_agent_failures_total{agent=\"scout\",reason=\"no_node\"} 1\n", page);
        Assert.DoesNotContain("nobody", page);
    }

    [Fact]
    public void A_stretch_of_readiness_is_measured_from_its_begin_to_its_end()
    {
        var clock = new FakeClock();
        var seat = new AgentSeat(GatewayRig.Agent(new Uri("http://127.0.0.1:1")), clock)
        {
            View = new AgentView(AgentState.Ready),
        };
        clock.Advance(TimeSpan.FromMinutes(1));
        seat.View = new AgentView(AgentState.Ready) { Since = clock.GetUtcNow() };
        clock.Advance(TimeSpan.FromMinutes(2));
        seat.View = new AgentView(AgentState.Sleeping);

        var ready = seat.Meter.Ready.Read("scout");

        Assert.Equal((1, 180), (ready.Counts.Sum(), ready.Sum));
    }

    [Fact]
    public async Task The_state_of_each_agent_is_one_of_four_and_an_agent_that_is_gone_leaves_no_series()
    {
        await using var rig = await AdminRig.StartAsync();
        rig.Seat().View = new AgentView(AgentState.Starting);

        var page = await PageAsync(rig);
        rig.Agents.Apply(new Documents.GatewayDocument());

        Assert.Equal(4, page.Split('\n').Count(line => line.StartsWith("drover_gateway_agent_state{")));
        Assert.Contains("drover_gateway_agent_state{agent=\"scout\",state=\"starting\"} 1\n", page);
        Assert.Contains("drover_gateway_agent_state{agent=\"scout\",state=\"ready\"} 0\n", page);
        Assert.DoesNotContain("scout", await PageAsync(rig));
    }

    [Fact]
    public void Counting_a_request_allocates_nothing()
    {
        var meter = new AgentMeter(TimeProvider.System);
        meter.Forwarded(meter.BeginForwarding());
        meter.Answered(200);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var request = 0; request < 1000; request++)
        {
            meter.Forwarded(meter.BeginForwarding());
            meter.Answered(200);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Equal(1001, meter.Forwarding.Count);
    }

    private static void Tell(AdminRig rig)
    {
        rig.Events.Publish(EventTypes.AgentWake, "scout", ("cause", "request"));
        rig.Events.Publish(EventTypes.AgentReady, "scout", ("tier", "doze"), ("duration_ms", 14));
        rig.Events.Publish(EventTypes.AgentReady, "scout", ("duration_ms", 440));
        rig.Events.Publish(EventTypes.AgentReady, "scout", ("cause", "operator"));
        rig.Events.Publish(EventTypes.AgentSleep, "scout", ("cause", "idle"));
        rig.Events.Publish(EventTypes.AgentDegraded, "scout", ("reason", "no_node"));
        rig.Events.Publish(EventTypes.AgentDegraded, "nobody", ("reason", "no_node"));
        rig.Events.Publish(EventTypes.AgentEvicted, "scout", ("idle_seconds", 60));
    }

    private static Task<string> PageAsync(AdminRig rig) =>
        rig.Operator.GetStringAsync(new Uri("/metrics", UriKind.Relative), Ending);

    private static Task UntilAsync(AdminRig rig, string line) => Eventually.TrueAsync(
        async () => (await PageAsync(rig)).Contains(line, StringComparison.Ordinal), line, Ending);
}
