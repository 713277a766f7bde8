using System.Net;
using System.Net.WebSockets;
using System.Text;
using Drover.Gateway.Tests.Rig;

namespace Drover.Gateway.Tests.Forwarding;

/// <summary>WebSockets through the gateway, over HTTP/1.1 and HTTP/2.</summary>
public sealed class WebSocketTests
{
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
        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: scout.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        await client.ReadUntilAsync("\r\n\r\n");

        client.Reset();

        await over.Task.WaitAsync(TimeSpan.FromSeconds(20), Ending);
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
