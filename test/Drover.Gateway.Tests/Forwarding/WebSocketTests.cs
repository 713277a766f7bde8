using System.Net;
using System.Net.WebSockets;
using System.Text;
using Drover.Gateway.Activity;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.Forwarding;

/// <summary>WebSockets through the gateway, over HTTP/1.1 and HTTP/2.</summary>
public sealed class WebSocketTests
{
    private const string Handshake =
        "GET / HTTP/1.1\r\nHost: scout.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Messages_pass_both_ways_and_the_close_code_and_reason_with_them(int version)
    {
        await using var agent = await EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var socket = await ConnectAsync(rig, version);

        Assert.Equal("chat", socket.SubProtocol);
        await SendAsync(socket, "hello");
        Assert.Equal("hello", await ReceiveAsync(socket));
        var large = new string('x', 300_000);
        await SendAsync(socket, large);
        Assert.Equal(large, await ReceiveAsync(socket));

        await socket.CloseAsync((WebSocketCloseStatus)4321, "done", Ending);
        Assert.Equal((4321, "done"), ((int)socket.CloseStatus!.Value, socket.CloseStatusDescription));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task An_agent_that_refuses_a_handshake_is_heard(int version)
    {
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var socket = Socket(version);
        using var invoker = new HttpMessageInvoker(new SocketsHttpHandler());

        await Assert.ThrowsAsync<WebSocketException>(
            () => socket.ConnectAsync(AddressOf(rig), invoker, Ending));
        Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
    }

    [Theory]
    [InlineData("Connection: keep-alive, Upgrade")]
    [InlineData("Connection: Upgrade, keep-alive")]
    [InlineData("connection: keep-alive\r\nConnection: UPGRADE")]
    public async Task A_handshake_passes_wherever_upgrade_stands_in_the_list(string connection)
    {
        await using var agent = await EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            $"GET / HTTP/1.1\r\nHost: scout.test\r\n{connection}\r\nUpgrade: WebSocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        var answer = await client.ReadUntilAsync("\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 101 ", answer);
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer);
    }

    [Fact]
    public async Task A_request_whose_list_only_looks_like_upgrade_is_a_plain_one()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: scout.test\r\nConnection: close, upgraded\r\nUpgrade: websocket\r\n\r\n");
        var answer = await client.ReadToEndAsync();

        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Assert.DoesNotContain("\nupgrade:", answer);
    }

    [Fact]
    public async Task A_socket_that_dies_on_one_side_ends_on_the_other()
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = await PlayedAgent.StartAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync();
                try
                {
                    await socket.ReceiveAsync(new byte[1], CancellationToken.None);
                }
                catch (WebSocketException)
                {
                    over.SetResult();
                }
            },
            webSockets: true);
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();
        await client.SendAsync(Handshake);
        await client.ReadUntilAsync("\r\n\r\n");

        client.Reset();

        await over.Task.WaitAsync(TimeSpan.FromSeconds(20), Ending);
    }

    [Fact]
    public async Task Messages_of_a_socket_are_activity_and_its_pings_are_none()
    {
        var clock = new FakeClock();
        await using var agent = await EchoAsync();
        await using var rig = await GatewayRig.StartAsync(
            new GatewayDocument { Agents = [GatewayRig.Agent(agent.Origin)] }, time: clock);
        var activity = rig.Role.Agents.Find("scout")!.Activity;
        using var client = await rig.RawAsync();
        await client.SendAsync(Handshake);
        await client.ReadUntilAsync("\r\n\r\n");
        clock.Advance(TimeSpan.FromMinutes(10));

        await client.SendAsync("\u0089\u0084\0\0\0\0ping");
        Assert.Equal("\u008a\u0004ping", await client.ReadUntilAsync("ping"));
        Assert.Equal(TimeSpan.FromMinutes(10), activity.SinceLast);

        await client.SendAsync("\u0081\u0082\0\0\0\0hi");
        Assert.Equal("\u0081\u0002hi", await client.ReadUntilAsync("hi"));
        Assert.Equal(TimeSpan.Zero, activity.SinceLast);
        Assert.Equal((1, 1), (activity.Open, activity.OpenOf(WorkKind.WebSocket)));
    }

    [Fact]
    public async Task A_socket_that_only_pings_is_not_silent_and_one_that_says_nothing_is()
    {
        var step = TimeSpan.FromMilliseconds(250);
        await using var agent = await EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin) with
        {
            Timeouts = new TimeoutDocument { Idle = 4 * step },
        });
        using var client = await rig.RawAsync();
        await client.SendAsync(Handshake);
        await client.ReadUntilAsync("\r\n\r\n");

        for (var ping = 0; ping < 6; ping++)
        {
            await Task.Delay(step, Ending);
            await client.SendAsync("\u0089\u0084\0\0\0\0ping");
            Assert.Equal("\u008a\u0004ping", await client.ReadUntilAsync("ping"));
        }

        Assert.Empty(await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_end_of_the_gateway_closes_sockets_with_1001_on_both_sides(int version)
    {
        var heard = new TaskCompletionSource<WebSocketCloseStatus?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = await PlayedAgent.StartAsync(
            async context =>
            {
                using var socket = await context.WebSockets.AcceptWebSocketAsync("chat");
                await socket.ReceiveAsync(new byte[1], CancellationToken.None);
                heard.SetResult(socket.CloseStatus);
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", CancellationToken.None);
            },
            webSockets: true);
        await using var rig = await GatewayRig.StartAsync(new GatewayDocument
        {
            Agents = [GatewayRig.Agent(agent.Origin)],
            DrainTimeout = TimeSpan.FromMilliseconds(200),
        });
        using var socket = await ConnectAsync(rig, version);

        var ending = rig.Role.StopAsync(CancellationToken.None);
        var got = await socket.ReceiveAsync(new byte[16], Ending);
        Assert.Equal(WebSocketMessageType.Close, got.MessageType);
        Assert.Equal(
            (WebSocketCloseStatus.EndpointUnavailable, "the gateway ends"),
            (socket.CloseStatus, socket.CloseStatusDescription));
        await socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "", Ending);

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, await heard.Task.WaitAsync(Ending));
        await ending.WaitAsync(TimeSpan.FromSeconds(20), Ending);
    }

    [Fact]
    public async Task A_close_waits_for_the_end_of_a_frame_that_is_half_sent()
    {
        var client = new MemoryStream();
        await using var socket = new WatchedSocket(client, new AgentActivity(TimeProvider.System), () => { });

        await socket.WriteAsync(new byte[] { 0x82, 4, 1, 2 }, Ending);
        await socket.CloseAsync(1001, "bye", Ending);
        Assert.Equal([0x82, 4, 1, 2], client.ToArray());
        await socket.WriteAsync(new byte[] { 3, 4, 0x81, 1, 65 }, Ending);
        await socket.WriteAsync(new byte[] { 0x81, 1, 66 }, Ending);

        Assert.Equal([0x82, 4, 1, 2, 3, 4, 0x88, 5, 0x03, 0xe9, 98, 121, 101], client.ToArray());
    }

    [Fact]
    public async Task A_socket_that_closes_by_itself_is_not_closed_twice()
    {
        var client = new MemoryStream();
        await using var socket = new WatchedSocket(client, new AgentActivity(TimeProvider.System), () => { });

        await socket.WriteAsync(new byte[] { 0x88, 2, 0x03, 0xe8 }, Ending);
        await socket.CloseAsync(1001, "bye", Ending);

        Assert.Equal([0x88, 2, 0x03, 0xe8], client.ToArray());
    }

    private static Task<PlayedAgent> EchoAsync() => PlayedAgent.StartAsync(
        async context =>
        {
            var wanted = context.WebSockets.WebSocketRequestedProtocols.FirstOrDefault();
            using var socket = await context.WebSockets.AcceptWebSocketAsync(wanted);
            var buffer = new byte[16 << 10];
            while (true)
            {
                var got = await socket.ReceiveAsync(buffer, context.RequestAborted);
                if (got.MessageType is WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(
                        socket.CloseStatus!.Value, socket.CloseStatusDescription, context.RequestAborted);
                    return;
                }

                await socket.SendAsync(
                    buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, context.RequestAborted);
            }
        },
        webSockets: true);

    private static Uri AddressOf(GatewayRig rig) => new UriBuilder(rig.Address) { Scheme = "ws", Path = "/ws" }.Uri;

    private static ClientWebSocket Socket(int version)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "scout.test");
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.HttpVersion = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return socket;
    }

    private static async Task<ClientWebSocket> ConnectAsync(GatewayRig rig, int version)
    {
        var socket = Socket(version);
        socket.Options.AddSubProtocol("chat");
        await socket.ConnectAsync(AddressOf(rig), new HttpMessageInvoker(new SocketsHttpHandler()), Ending);
        return socket;
    }

    private static Task SendAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, Ending);

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[16 << 10];
        WebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(buffer, Ending);
            all.Write(buffer, 0, got.Count);
        }
        while (!got.EndOfMessage);
        return Encoding.UTF8.GetString(all.ToArray());
    }
}
