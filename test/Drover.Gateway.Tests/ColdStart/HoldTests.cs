using System.Net;
using System.Net.WebSockets;
using System.Text;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Drover.Gateway.Tests.ColdStart;

/// <summary>Requests that wait for the wake they began.</summary>
public sealed class HoldTests
{
    private static readonly HoldDocument Half = new() { Wait = TimeSpan.FromSeconds(30) };

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Prefer_wait_holds_the_request_and_forwards_it_by_itself_with_its_body_untouched()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        using var request = rig.Request("/v1//chat?x=%2F", ("Prefer", "respond-async, wait=20"));
        request.Method = HttpMethod.Post;
        request.Content = new StringContent("hello");

        var answering = rig.SendAsync(request);
        await rig.UntilWaitingAsync(1);
        rig.Life.Serve(agent.Origin);
        using var answer = await answering;
        var echo = await answer.Content.ReadAsStringAsync(Ending);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("POST /v1//chat?x=%2F HTTP/1.1\n", echo);
        Assert.Contains("\nprefer: respond-async, wait=20\n", echo);
        Assert.EndsWith("\n\nhello", echo);
        Assert.Equal("wait=20", answer.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal(0, rig.Seat.Activity.Waiting);
    }

    [Fact]
    public async Task Of_a_body_nothing_is_asked_for_while_its_request_waits()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half });
        using var client = await rig.RawAsync();
        await client.SendAsync(
            "POST / HTTP/1.1\r\nHost: scout.test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        await rig.UntilWaitingAsync(1);

        rig.Life.Serve(agent.Origin);
        Assert.Equal("HTTP/1.1 100 Continue\r\n\r\n", await client.ReadUntilAsync("\r\n\r\n"));
        await client.SendAsync("hi");

        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadUntilAsync("\r\n\r\n"));
    }

    [Fact]
    public async Task A_hold_ends_after_the_most_that_the_agent_gives_and_says_what_it_gave()
    {
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(
            ColdRig.Agent() with { Hold = new HoldDocument { Most = TimeSpan.FromSeconds(7) } }, clock);
        rig.Life.OnWake = () => rig.Life.Start();

        var answering = rig.SendAsync(rig.Request("/", ("Prefer", "wait=3600")));
        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(7), Ending);
        clock.Advance(TimeSpan.FromSeconds(7));
        using var answer = await answering;

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("wait=7", answer.Headers.GetValues("Preference-Applied").Single());
        Assert.Equal("""{"status":"starting","agent":"scout"}""", await answer.Content.ReadAsStringAsync(Ending));
        Assert.Equal(0, rig.Seat.Activity.Waiting);
    }

    [Fact]
    public async Task A_route_that_holds_needs_no_word_of_the_client_and_a_client_can_ask_it_not_to()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half });
        rig.Life.OnWake = () => rig.Life.Start();

        var held = rig.SendAsync(rig.Request("/"));
        await rig.UntilWaitingAsync(1);
        using var not = await rig.SendAsync(rig.Request("/", ("Prefer", "wait=0")));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, not.StatusCode);
        Assert.False(not.Headers.Contains("Preference-Applied"));
        rig.Life.Serve(agent.Origin);
        using var answer = await held;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.False(answer.Headers.Contains("Preference-Applied"));
    }

    [Fact]
    public async Task A_held_request_hears_of_a_failure_at_once()
    {
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half });
        rig.Life.OnWake = () => rig.Life.Start();

        var answering = rig.TextAsync();
        await rig.UntilStartingAsync();
        rig.Life.Fail("its task ended with 1");

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
                """{"status":"degraded","agent":"scout","reason":"no_node","message":"its task ended with 1"}"""),
            await answering);
    }

    [Fact]
    public async Task A_held_request_whose_agent_is_gone_on_the_way_waits_on_in_its_place()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half with { Requests = 1 } });
        rig.Life.OnWake = () => rig.Life.Start();
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Life.OnConnectFailed = () =>
        {
            rig.Life.Start();
            gone.SetResult();
        };

        var answering = rig.TextAsync();
        await rig.UntilStartingAsync();
        rig.Life.Serve(new Uri("http://127.0.0.1:1"));
        await gone.Task.WaitAsync(Ending);
        await rig.UntilWaitingAsync(1);
        rig.Life.Serve(agent.Origin);

        Assert.Equal(HttpStatusCode.OK, (await answering).Code);
        Assert.Equal((0, 0), (rig.Seat.Activity.Waiting, rig.Seat.Activity.Open));
    }

    [Fact]
    public async Task More_than_may_wait_get_503_at_once()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half with { Requests = 2 } });
        rig.Life.OnWake = () => rig.Life.Start();
        var first = rig.TextAsync();
        var second = rig.TextAsync();
        await rig.UntilWaitingAsync(2);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync()).Code);
        rig.Life.Serve(agent.Origin);

        Assert.Equal(HttpStatusCode.OK, (await first).Code);
        Assert.Equal(HttpStatusCode.OK, (await second).Code);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_client_gone_during_hold_frees_its_place_and_reaches_no_agent(int version)
    {
        var reached = 0;
        await using var agent = await PlayedAgent.StartAsync(_ =>
        {
            Interlocked.Increment(ref reached);
            return Task.CompletedTask;
        });
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half with { Requests = 1 } });
        rig.Life.OnWake = () => rig.Life.Start();
        using var leaving = new CancellationTokenSource();
        using var request = rig.Request("/");
        request.Version = new Version(version, 0);
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        var answering = rig.Client.SendAsync(request, leaving.Token);
        await rig.UntilWaitingAsync(1);

        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answering);
        await rig.UntilWaitingAsync(0);

        var next = rig.TextAsync();
        await rig.UntilWaitingAsync(1);
        rig.Life.Serve(agent.Origin);
        Assert.Equal(HttpStatusCode.OK, (await next).Code);
        Assert.Equal(1, reached);
    }

    [Fact]
    public async Task A_thousand_clients_on_one_sleeping_agent_are_one_wake_and_all_are_served()
    {
        const int Clients = 1000;
        await using var agent = await PlayedAgent.StartAsync(_ => Task.CompletedTask);
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half }, new FakeClock());

        // Its life is slow to take the order up: meanwhile all of them see an agent that sleeps.
        var answering = Enumerable.Range(0, Clients).Select(_ => rig.TextAsync()).ToList();
        await rig.UntilWaitingAsync(Clients);
        await ColdRig.UntilAsync(() => rig.Life.Wakes == 1, "the wake");
        rig.Life.Start();
        rig.Life.Serve(agent.Origin);
        var answers = await Task.WhenAll(answering);

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Code));
        Assert.Equal((1, 0, 0), (rig.Life.Wakes, rig.Seat.Activity.Waiting, rig.Seat.Activity.Open));
    }

    [Fact]
    public async Task Requests_that_wait_are_use_of_the_agent_and_no_open_work()
    {
        var clock = new FakeClock();
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(
            ColdRig.Agent() with { Hold = new HoldDocument { Wait = TimeSpan.FromMinutes(9) } }, clock);
        clock.Advance(TimeSpan.FromHours(1));

        var answering = rig.TextAsync();
        await rig.UntilWaitingAsync(1);
        Assert.Equal(TimeSpan.Zero, rig.Seat.Activity.SinceLast);
        Assert.True(rig.Seat.Activity.RaiseFenceAsync().IsCompletedSuccessfully);
        rig.Seat.Activity.LiftFence();
        clock.Advance(TimeSpan.FromMinutes(5));
        rig.Life.Serve(agent.Origin);
        Assert.Equal(HttpStatusCode.OK, (await answering).Code);

        Assert.Equal(TimeSpan.Zero, rig.Seat.Activity.SinceLast);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_WebSocket_handshake_is_held_until_the_agent_serves(int version)
    {
        await using var agent = await EchoAsync();
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        using var socket = Socket(version);

        var connecting = socket.ConnectAsync(
            new UriBuilder(rig.Address) { Scheme = "ws" }.Uri,
            new HttpMessageInvoker(new SocketsHttpHandler()),
            Ending);
        await rig.UntilWaitingAsync(1);
        rig.Life.Serve(agent.Origin);
        await connecting;
        await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, true, Ending);
        var buffer = new byte[16];
        var got = await socket.ReceiveAsync(buffer, Ending);

        Assert.Equal("hello", Encoding.UTF8.GetString(buffer, 0, got.Count));
        Assert.Equal((1, 0, 1), (rig.Life.Wakes, rig.Seat.Activity.Waiting, rig.Seat.Activity.Open));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_handshake_whose_wake_fails_is_refused_with_the_reason(int version)
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        using var socket = Socket(version);

        var connecting = socket.ConnectAsync(
            new UriBuilder(rig.Address) { Scheme = "ws" }.Uri,
            new HttpMessageInvoker(new SocketsHttpHandler()),
            Ending);
        await rig.UntilStartingAsync();
        rig.Life.Fail("it took longer than 60 s");

        await Assert.ThrowsAsync<WebSocketException>(() => connecting);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, socket.HttpStatusCode);
    }

    [Fact]
    public async Task A_handshake_is_held_as_long_as_a_start_may_take()
    {
        var clock = new FakeClock();
        await using var rig = await ColdRig.StartAsync(
            ColdRig.Agent() with { StartupTimeout = TimeSpan.FromSeconds(90) }, clock);
        rig.Life.OnWake = () => rig.Life.Start();
        using var client = await rig.RawAsync();
        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: scout.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");

        await clock.WaitForTimerAsync(TimeSpan.FromSeconds(91), Ending);
        clock.Advance(TimeSpan.FromSeconds(90));
        Assert.Equal(1, rig.Seat.Activity.Waiting);
        clock.Advance(TimeSpan.FromSeconds(1));

        Assert.StartsWith("HTTP/1.1 503 ", await client.ReadUntilAsync("}"));
    }

    [Fact]
    public async Task A_gRPC_call_is_unavailable_at_once_or_held_as_its_metadata_prefers()
    {
        await using var agent = await PlayedAgent.StartAsync(
            context =>
            {
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = "0";
                return Task.CompletedTask;
            },
            HttpProtocols.Http2);
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();

        // Which clients read as UNAVAILABLE (gRPC over HTTP2, "HTTP to gRPC Status Code Mapping").
        using var refused = await rig.SendAsync(Call(rig));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        var call = Call(rig);
        call.Headers.Add("prefer", "wait=20");
        var answering = rig.SendAsync(call);
        await rig.UntilWaitingAsync(1);
        rig.Life.Serve(agent.Origin);
        using var answer = await answering;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("0", answer.Headers.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task The_end_of_the_gateway_ends_what_waits_and_what_listens()
    {
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { Hold = Half });
        rig.Life.OnWake = () => rig.Life.Start();
        var held = rig.TextAsync();
        await rig.UntilStartingAsync();
        using var stream = await rig.SendAsync(rig.Request("/api/health", ("Accept", "text/event-stream")));

        await rig.StopAsync().WaitAsync(TimeSpan.FromSeconds(20), Ending);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, """{"status":"starting","agent":"scout"}"""), await held);
        Assert.Contains("starting", await stream.Content.ReadAsStringAsync(Ending));
    }

    private static HttpRequestMessage Call(ColdRig rig)
    {
        var request = rig.Request("/pkg.Service/Method", HttpMethod.Post);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Content = new ByteArrayContent([0, 0, 0, 0, 0]);
        request.Content.Headers.ContentType = new("application/grpc");
        return request;
    }

    private static ClientWebSocket Socket(int version)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Host", "scout.test");
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.HttpVersion = version == 2 ? HttpVersion.Version20 : HttpVersion.Version11;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return socket;
    }

    private static Task<PlayedAgent> EchoAsync() => PlayedAgent.StartAsync(
        async context =>
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[1024];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                var got = await socket.ReceiveAsync(buffer, context.RequestAborted);
                await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, true, context.RequestAborted);
            }
        },
        webSockets: true);
}
