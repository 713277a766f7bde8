using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Tests.Rig;

namespace Drover.Gateway.Tests.Forwarding;

/// <summary>A task is gone and its address with it: what becomes of requests that were on their way there.</summary>
public sealed class StaleAddressTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET", null)]
    [InlineData("DELETE", null)]
    [InlineData("POST", "a body of which nothing was taken")]
    public async Task A_request_that_found_nobody_goes_to_where_the_agent_is_by_then(string method, string? body)
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(NobodyHome()));
        var seat = SeatOf(rig);
        var stale = seat.View.Backend;
        var life = PlayedLife.Lead(seat, _ => MoveSoon(seat, agent.Origin));

        using var request = rig.Request(new HttpMethod(method), "/work");
        request.Content = body is null ? null : new StringContent(body);
        using var answer = await rig.Client.SendAsync(request, Ending);

        var text = await answer.Content.ReadAsStringAsync(Ending);
        Assert.StartsWith($"{method} /work HTTP/1.1\n", text);
        Assert.EndsWith($"\n{body}", text);
        Assert.Equal([stale], life.Failed);
        Assert.Equal(0, seat.Activity.Open);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task So_does_the_handshake_of_a_WebSocket_and_it_counts_once(int version)
    {
        await using var agent = await PlayedAgent.StartAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                await socket.SendAsync("hi"u8.ToArray(), WebSocketMessageType.Text, true, context.RequestAborted);
                await socket.ReceiveAsync(new byte[10], context.RequestAborted);
                await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, context.RequestAborted);
            },
            webSockets: true);
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(NobodyHome()));
        var seat = SeatOf(rig);
        PlayedLife.Lead(seat, _ => MoveSoon(seat, agent.Origin));
        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = new Version(version, version == 1 ? 1 : 0);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Host", "scout.test");
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());

        await socket.ConnectAsync(new UriBuilder(rig.Address) { Scheme = "ws" }.Uri, invoker, Ending);
        var hi = await socket.ReceiveAsync(new byte[10], Ending);

        Assert.Equal((2, 1, 1), (hi.Count, seat.Sockets.Count, seat.Activity.Open));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ending);
    }

    [Fact]
    public async Task What_must_not_be_done_twice_is_a_502()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(NobodyHome()));
        var seat = SeatOf(rig);
        var life = PlayedLife.Lead(seat, _ => MoveSoon(seat, agent.Origin));

        using var request = rig.Request(HttpMethod.Post, "/spend");
        using var answer = await rig.Client.SendAsync(request, Ending);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Single(life.Failed);
    }

    [Fact]
    public async Task It_goes_to_another_address_once_and_each_that_failed_is_told()
    {
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(NobodyHome()));
        var seat = SeatOf(rig);
        var life = PlayedLife.Lead(seat, _ => MoveSoon(seat, NobodyHome()));

        using var answer = await rig.GetAsync("/");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(2, life.Failed.Distinct().Count());
    }

    [Fact]
    public async Task An_agent_that_is_nowhere_by_then_is_answered_as_one_that_does_not_serve()
    {
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(NobodyHome()));
        var seat = SeatOf(rig);
        PlayedLife.Lead(seat, _ => seat.View = new AgentView(AgentState.Degraded) { Reason = "its task ended" });

        using var answer = await rig.GetAsync("/");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    [Fact]
    public async Task Where_nobody_moves_it_the_502_comes_after_a_moment()
    {
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(NobodyHome()));
        var life = PlayedLife.Lead(SeatOf(rig), _ => { });

        using var answer = await rig.GetAsync("/").WaitAsync(TimeSpan.FromSeconds(20), Ending);

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Single(life.Failed);
    }

    [Fact]
    public async Task An_agent_that_took_the_connection_and_then_failed_is_asked_no_second_time()
    {
        await using var other = await PlayedAgent.EchoAsync();
        var asked = 0;
        AgentSeat? seat = null;
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            asked++;
            Move(seat!, other.Origin);
            context.Abort();
            return Task.CompletedTask;
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        seat = SeatOf(rig);
        var life = PlayedLife.Lead(seat, _ => { });

        using var answer = await rig.GetAsync("/");

        Assert.Equal((HttpStatusCode.BadGateway, 1), (answer.StatusCode, asked));
        Assert.Empty(life.Failed);
    }

    private static AgentSeat SeatOf(GatewayRig rig) => rig.Role.Agents.Find("scout")!;

    // As a life does it: on another thread, some time after it was told.
    private static void MoveSoon(AgentSeat seat, Uri origin) => ThreadPool.QueueUserWorkItem(_ => Move(seat, origin));

    private static void Move(AgentSeat seat, Uri origin)
    {
        var before = seat.View.Backend;
        seat.View = new AgentView(AgentState.Ready) { Backend = new Backend(origin, TimeSpan.FromSeconds(2)) };
        before?.Dispose();
    }

    /// <summary>An address that takes no connection.</summary>
    private static Uri NobodyHome()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        return new Uri($"http://{closed.LocalEndpoint}");
    }
}
