using System.Net;
using System.Net.WebSockets;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Tests.Rig;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Tests.Lifecycle;

/// <summary>How an agent goes to sleep under its clients, over a whole gateway.</summary>
public sealed class SleepTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_silent_WebSocket_gets_close_1001_before_the_agent_is_scaled_to_nothing()
    {
        await using var agent = await EchoSocketAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        await using var gateway = await StartAsync(
            swarm, Idle(agent.Origin, new IdleDocument { Timeout = TimeSpan.FromMilliseconds(500) }));
        using var socket = await ConnectAsync(gateway);

        var close = await socket.ReceiveAsync(new byte[100], Token);
        Assert.Empty(swarm.Orders);
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Token);

        Assert.Equal((WebSocketMessageType.Close, 1001), (close.MessageType, (int)close.CloseStatus!));
        await swarm.UntilOrderedAsync("scale scout 0");
        Assert.Equal(AgentState.Sleeping, SeatOf(gateway).View.State);
    }

    [Fact]
    public async Task An_operators_sleep_drains_and_a_request_under_way_ends_whole()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            asked.TrySetResult();
            await answer.Task;
            await context.Response.WriteAsync("whole", Token);
        });
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        await using var gateway = await StartAsync(swarm, GatewayRig.Service(agent.Origin));
        var text = gateway.TextAsync("/");
        await asked.Task.WaitAsync(Token);

        var sleeping = SeatOf(gateway).Life!.SleepAsync(SleepCause.Operator, Token);
        await SeatOf(gateway).UntilAsync(AgentState.Sleeping);
        Assert.Empty(swarm.Orders);
        answer.SetResult();

        Assert.Equal("whole", await text);
        Assert.IsType<SleepOutcome.Asleep>(await sleeping);
        Assert.Equal(["scale scout 0"], swarm.Orders);
    }

    [Fact]
    public async Task After_an_operators_sleep_the_next_request_wakes_it_at_once()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        await using var gateway = await StartAsync(
            swarm,
            GatewayRig.Service(agent.Origin) with { Hold = new HoldDocument { Wait = TimeSpan.FromSeconds(20) } });
        await SeatOf(gateway).Life!.SleepAsync(SleepCause.Operator, Token);

        using var response = await gateway.GetAsync("/");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["scale scout 0", "scale scout 1"], swarm.Orders);
    }

    [Fact]
    public async Task A_dozing_agent_is_let_go_on_by_the_first_request_and_its_service_is_not_touched()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        await using var gateway = await StartAsync(
            swarm,
            GatewayRig.Service(agent.Origin) with
            {
                DozeAfter = TimeSpan.FromMilliseconds(200),
                Hold = new HoldDocument { Wait = TimeSpan.FromSeconds(20) },
            });
        for (var round = 0; round < 2; round++)
        {
            await SeatOf(gateway).UntilAsync(view => view.IsDozing);
            using var response = await gateway.GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.DoesNotContain(swarm.Orders, order => order.StartsWith("scale", StringComparison.Ordinal));
        Assert.Equal(["pause container-of-scout-1", "unpause container-of-scout-1"], swarm.Orders.Take(2));
    }

    [Fact]
    public async Task A_shorter_idle_timeout_counts_from_the_reload_on_and_a_gone_agent_is_led_no_more()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        var document = new GatewayDocument { Agents = [GatewayRig.Service(agent.Origin)] };
        var reread = document;
        await using var gateway = await GatewayRig.StartAsync(document, () => reread, swarm: swarm);
        var seat = SeatOf(gateway);

        reread = document with
        {
            Agents = [Idle(agent.Origin, new IdleDocument { Timeout = TimeSpan.FromMilliseconds(100) })],
        };
        gateway.Role.Reload();
        await seat.UntilAsync(AgentState.Sleeping);
        await swarm.UntilOrderedAsync("scale scout 0");
        reread = document with { Agents = [] };
        gateway.Role.Reload();

        Assert.Null(seat.Life);
        swarm.Service("scout").Scale(1);
        Assert.Equal(AgentState.Sleeping, seat.View.State);
    }

    private static AgentDocument Idle(Uri origin, IdleDocument idle) => GatewayRig.Service(origin) with { Idle = idle };

    private static Task<GatewayRig> StartAsync(PlayedSwarm swarm, AgentDocument agent) =>
        GatewayRig.StartAsync(new GatewayDocument { Agents = [agent] }, swarm: swarm);

    private static AgentSeat SeatOf(GatewayRig gateway) => gateway.Role.Agents.Find("scout")!;

    private static Task<PlayedAgent> EchoSocketAsync() => PlayedAgent.StartAsync(
        async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (await socket.ReceiveAsync(buffer, Token) is { MessageType: not WebSocketMessageType.Close } got)
            {
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, Token);
            }
        },
        webSockets: true);

    private static async Task<ClientWebSocket> ConnectAsync(GatewayRig gateway)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "scout.test");
        await socket.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws" }.Uri, Token);
        return socket;
    }
}
