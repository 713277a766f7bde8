using System.Net;
using Drover.Gateway.Tests.Rig;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Drover.Gateway.Tests.Forwarding;

/// <summary>Bodies in both directions, as they come and not when they are whole.</summary>
public sealed class StreamTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Server_sent_events_arrive_one_by_one_and_their_opening_before_the_first()
    {
        using var next = new SemaphoreSlim(0);
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream; charset=utf-8";
            await context.Response.Body.FlushAsync(context.RequestAborted);
            for (var number = 1; number <= 3; number++)
            {
                await next.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {number}\n\n", context.RequestAborted);
            }
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));

        // The agent has sent nothing but headers, and waits.
        using var answer = await rig.GetAsync("/events");
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Ending));
        for (var number = 1; number <= 3; number++)
        {
            next.Release();
            Assert.Equal($"data: {number}", await lines.ReadLineAsync(Ending));
            Assert.Equal("", await lines.ReadLineAsync(Ending));
        }

        Assert.Null(await lines.ReadLineAsync(Ending));
    }

    [Fact]
    public async Task An_upload_reaches_the_agent_while_the_client_still_sends()
    {
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            var buffer = new byte[5];
            await context.Request.Body.ReadExactlyAsync(buffer, context.RequestAborted);
            first.SetResult();
            using var rest = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(
                System.Text.Encoding.ASCII.GetString(buffer) + await rest.ReadToEndAsync(context.RequestAborted));
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            "POST / HTTP/1.1\r\nHost: scout.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
                + "5\r\nhello\r\n");
        await first.Task.WaitAsync(TimeSpan.FromSeconds(20), Ending);
        await client.SendAsync("6\r\n world\r\n0\r\n\r\n");

        Assert.Contains("hello world", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Many_megabytes_pass_in_both_directions_unchanged(int version)
    {
        const int Megabytes = 40;
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            await using var expected = new Numbers(Megabytes << 20);
            context.Response.StatusCode = await AreSameAsync(expected, context.Request.Body) ? 200 : 400;
            await using var back = new Numbers(Megabytes << 20);
            await back.CopyToAsync(context.Response.Body, context.RequestAborted);
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var http2 = rig.Http2();
        using var request = version == 2
            ? rig.Request2(HttpMethod.Post, "/")
            : rig.Request(HttpMethod.Post, "/");
        request.Content = new StreamContent(new Numbers(Megabytes << 20));

        using var answer = await (version == 2 ? http2 : rig.Client)
            .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ending);
        await using var same = new Numbers(Megabytes << 20);
        await using var got = await answer.Content.ReadAsStreamAsync(Ending);

        Assert.Equal((HttpStatusCode.OK, version), (answer.StatusCode, answer.Version.Major));
        Assert.True(await AreSameAsync(same, got));
    }

    [Fact]
    public async Task An_agent_that_asks_for_the_body_gets_it_only_then()
    {
        using var wanted = new SemaphoreSlim(0);
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            await wanted.WaitAsync(context.RequestAborted);
            using var body = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync("got " + await body.ReadToEndAsync(context.RequestAborted));
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            "POST / HTTP/1.1\r\nHost: scout.test\r\nContent-Length: 4\r\nExpect: 100-continue\r\n"
                + "Connection: close\r\n\r\n");
        wanted.Release();
        Assert.StartsWith("HTTP/1.1 100 ", await client.ReadUntilAsync("\r\n\r\n"));
        await client.SendAsync("body");

        Assert.Contains("got body", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task An_agent_that_refuses_the_body_is_heard_before_the_body_is_sent()
    {
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            "POST / HTTP/1.1\r\nHost: scout.test\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 401 ", await client.ReadUntilAsync("\r\n\r\n"));
    }

    [Fact]
    public async Task A_grpc_call_keeps_its_trailers_and_its_order_of_messages()
    {
        await using var agent = await PlayedAgent.StartAsync(
            async context =>
            {
                Assert.Equal("HTTP/2", context.Request.Protocol);
                Assert.Equal("trailers", context.Request.Headers.TE);
                context.Response.ContentType = "application/grpc";
                context.Response.DeclareTrailer("grpc-status");
                var buffer = new byte[3];
                for (var call = 0; call < 3; call++)
                {
                    await context.Request.Body.ReadExactlyAsync(buffer, context.RequestAborted);
                    await context.Response.Body.WriteAsync(buffer, context.RequestAborted);
                }

                context.Response.AppendTrailer("grpc-status", "0");
                context.Response.AppendTrailer("grpc-message", "fine");
            },
            HttpProtocols.Http2);
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = rig.Http2();
        await using var upload = new HandFedContent();
        using var request = rig.Request2(HttpMethod.Post, "/pkg.Service/Method");
        request.Headers.TE.ParseAdd("trailers");
        request.Content = upload;
        upload.Headers.ContentType = new("application/grpc");

        var sending = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ending);
        await upload.FeedAsync("one");
        using var answer = await sending;
        await using var stream = await answer.Content.ReadAsStreamAsync(Ending);
        Assert.Equal("one", await TakeAsync(stream));
        await upload.FeedAsync("two");
        Assert.Equal("two", await TakeAsync(stream));
        await upload.FeedAsync("end");
        Assert.Equal("end", await TakeAsync(stream));
        upload.Finish();
        Assert.Equal(0, await stream.ReadAsync(new byte[1], Ending));

        Assert.Equal(["0"], answer.TrailingHeaders.GetValues("grpc-status"));
        Assert.Equal(["fine"], answer.TrailingHeaders.GetValues("grpc-message"));
    }

    [Fact]
    public async Task An_answer_of_trailers_alone_reaches_the_caller()
    {
        await using var agent = await PlayedAgent.StartAsync(
            context =>
            {
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = "5";
                return Task.CompletedTask;
            },
            HttpProtocols.Http2);
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = rig.Http2();
        using var request = rig.Request2(HttpMethod.Post, "/pkg.Service/Method");
        request.Content = new ByteArrayContent([]);
        request.Content.Headers.ContentType = new("application/grpc");

        using var answer = await client.SendAsync(request, Ending);

        Assert.Equal(["5"], answer.Headers.GetValues("grpc-status"));
    }

    [Fact]
    public Task A_client_that_leaves_ends_the_agents_work_too() =>
        EndsTheAgentsWorkAsync(client =>
        {
            client.Reset();
            return Task.CompletedTask;
        });

    [Fact]
    public Task A_client_that_ends_its_sending_half_leaves_nothing_behind() =>
        EndsTheAgentsWorkAsync(async client =>
        {
            client.EndSending();
            await client.ReadToEndAsync();
        });

    /// <summary>While an answer without an end is under way the client does this, and the agent's work ends.</summary>
    private static async Task EndsTheAgentsWorkAsync(Func<RawClient, Task> leaveAsync)
    {
        var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            context.RequestAborted.Register(left.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await left.Task;
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();
        await client.SendAsync("GET / HTTP/1.1\r\nHost: scout.test\r\n\r\n");
        await client.ReadUntilAsync("\r\n\r\n");

        await leaveAsync(client);

        await left.Task.WaitAsync(TimeSpan.FromSeconds(20), Ending);
    }

    private static async Task<string> TakeAsync(Stream stream)
    {
        var buffer = new byte[3];
        await stream.ReadExactlyAsync(buffer, Ending);
        return System.Text.Encoding.ASCII.GetString(buffer);
    }

    private static async Task<bool> AreSameAsync(Stream one, Stream other)
    {
        var (left, right) = (new byte[64 << 10], new byte[64 << 10]);
        while (true)
        {
            var length = await one.ReadAtLeastAsync(left, left.Length, false, Ending);
            var same = await other.ReadAtLeastAsync(right, right.Length, false, Ending) == length
                && left.AsSpan(0, length).SequenceEqual(right.AsSpan(0, length));
            if (!same || length == 0)
            {
                return same;
            }
        }
    }
}
