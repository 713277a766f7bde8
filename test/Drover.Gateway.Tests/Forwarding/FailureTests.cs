using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Wire;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Tests.Forwarding;

/// <summary>What a client is told when an agent does not answer.</summary>
public sealed class FailureTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_agent_that_nothing_listens_for_is_a_502_that_says_so_and_shows_no_address()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        closed.Start();
        var port = ((IPEndPoint)closed.LocalEndpoint).Port;
        closed.Stop();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(new Uri($"http://127.0.0.1:{port}")));

        var problem = await ProblemAsync(rig, HttpStatusCode.BadGateway, GatewayProblems.AgentUnreachable);

        Assert.Contains("cannot reach the agent \"scout\": nothing listens on its port", problem);
        Assert.DoesNotContain($"{port}", problem);
    }

    [Fact]
    public async Task An_agent_that_takes_no_connection_is_a_504()
    {
        // A backlog of one that is full: further connections get no answer.
        using var deaf = new Socket(SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        deaf.Listen(0);
        var at = (IPEndPoint)deaf.LocalEndPoint!;
        var fillers = Enumerable.Range(0, 4).Select(_ => new Socket(SocketType.Stream, ProtocolType.Tcp)).ToList();
        foreach (var filler in fillers)
        {
            filler.Blocking = false;
            try
            {
                filler.Connect(at);
            }
            catch (SocketException)
            {
                // Under way.
            }
        }

        var document = GatewayRig.Agent(new Uri($"http://{at}")) with
        {
            Timeouts = new TimeoutDocument { Connect = TimeSpan.FromMilliseconds(300) },
        };
        await using var rig = await GatewayRig.StartAsync(document);

        var problem = await ProblemAsync(rig, HttpStatusCode.GatewayTimeout, GatewayProblems.AgentTimeout);

        Assert.Contains("it does not take a connection", problem);
        fillers.ForEach(filler => filler.Dispose());
    }

    [Fact]
    public async Task An_agent_that_does_not_answer_in_its_time_is_a_504()
    {
        await using var agent = await PlayedAgent.StartAsync(
            context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var rig = await GatewayRig.StartAsync(Impatient(agent, TimeSpan.FromMilliseconds(300)));

        var problem = await ProblemAsync(rig, HttpStatusCode.GatewayTimeout, GatewayProblems.AgentTimeout);

        Assert.Contains("no answer came in time", problem);
    }

    [Fact]
    public async Task The_time_for_an_answer_begins_with_the_end_of_the_upload_and_ends_with_the_first_line()
    {
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            await context.Response.WriteAsync("begin ", context.RequestAborted);
            await Task.Delay(TimeSpan.FromSeconds(2), context.RequestAborted);
            await context.Response.WriteAsync("end", context.RequestAborted);
        });
        await using var rig = await GatewayRig.StartAsync(Impatient(agent, TimeSpan.FromSeconds(1)));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            "POST / HTTP/1.1\r\nHost: scout.test\r\nContent-Length: 8\r\nConnection: close\r\n\r\n");
        for (var part = 0; part < 4; part++)
        {
            // Two seconds in all.
            await Task.Delay(TimeSpan.FromMilliseconds(500), Ending);
            await client.SendAsync("xx");
        }

        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Assert.Contains("end", answer);
    }

    [Fact]
    public async Task A_silent_exchange_is_cut_where_silence_is_limited_and_one_that_goes_on_is_not()
    {
        var step = TimeSpan.FromMilliseconds(250);
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            for (var part = 0; part < 6; part++)
            {
                await Task.Delay(step, context.RequestAborted);
                await context.Response.WriteAsync($"part {part} ", context.RequestAborted);
            }

            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin) with
        {
            Timeouts = new TimeoutDocument { Response = TimeSpan.Zero, Idle = 4 * step },
        });
        using var client = await rig.RawAsync();

        await client.SendAsync("POST / HTTP/1.1\r\nHost: scout.test\r\nContent-Length: 6\r\n\r\n");
        for (var part = 0; part < 6; part++)
        {
            await Task.Delay(step, Ending);
            await client.SendAsync("x");
        }

        var answer = await client.ReadToEndAsync();
        Assert.StartsWith("HTTP/1.1 200 ", answer);
        Assert.Contains("part 5", answer);
        Assert.DoesNotContain("\r\n0\r\n\r\n", answer);
    }

    [Theory]
    [InlineData("", GatewayProblems.AgentUnreachable)]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n", GatewayProblems.AgentAnswerInvalid)]
    [InlineData("HTTP/1.1 200 OK\r\nbad header\r\n\r\n", GatewayProblems.AgentAnswerInvalid)]
    public async Task An_agent_that_speaks_no_http_is_a_502(string words, string name)
    {
        using var agent = new TcpListener(IPAddress.Loopback, 0);
        agent.Start();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(Ending);
        var serving = ServeAsync(agent, words, end.Token);
        await using var rig = await GatewayRig.StartAsync(
            GatewayRig.Agent(new Uri($"http://{agent.LocalEndpoint}")));

        await ProblemAsync(rig, HttpStatusCode.BadGateway, name);

        await end.CancelAsync();
        agent.Stop();
        await serving;
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_never_taken_for_a_whole_one()
    {
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            await context.Response.WriteAsync("half", context.RequestAborted);
            context.Abort();
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));

        using var client = await rig.RawAsync();

        await client.SendAsync("GET / HTTP/1.1\r\nHost: scout.test\r\nConnection: close\r\n\r\n");
        var answer = await client.ReadToEndAsync();

        // Cut before its last chunk, or a 502 where nothing of it had gone on.
        Assert.True(
            answer.StartsWith("HTTP/1.1 502 ", StringComparison.Ordinal)
                || !answer.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal),
            answer);
    }

    [Fact]
    public async Task A_body_larger_than_the_agent_takes_is_refused_by_its_length_or_while_it_comes()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin) with { MaxBody = 10 });
        using var known = await rig.RawAsync();
        using var unknown = await rig.RawAsync();

        await known.SendAsync("POST / HTTP/1.1\r\nHost: scout.test\r\nContent-Length: 11\r\n\r\nhello world");
        await unknown.SendAsync(
            "POST / HTTP/1.1\r\nHost: scout.test\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n");

        Assert.Contains("This agent takes at most 10 bytes.", await known.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 413 ", await unknown.ReadUntilAsync("}"));
        using var small = rig.Request(HttpMethod.Post, "/");
        small.Content = new StringContent("0123456789");
        using var answer = await rig.Client.SendAsync(small, Ending);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private static async Task ServeAsync(TcpListener listener, string words, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(cancellationToken);
                await socket.ReceiveAsync(new byte[4096], cancellationToken);
                await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(words), cancellationToken);
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private static AgentDocument Impatient(PlayedAgent agent, TimeSpan response) =>
        GatewayRig.Agent(agent.Origin) with { Timeouts = new TimeoutDocument { Response = response } };

    private static async Task<string> ProblemAsync(GatewayRig rig, HttpStatusCode status, string name)
    {
        using var answer = await rig.GetAsync("/");
        var text = await answer.Content.ReadAsStringAsync(Ending);
        Assert.Equal(
            (status, "application/problem+json"),
            (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        using var problem = JsonDocument.Parse(text);
        Assert.Equal(Problems.Prefix + name, problem.RootElement.GetProperty("type").GetString());
        Assert.Equal((int)status, problem.RootElement.GetProperty("status").GetInt32());
        return problem.RootElement.GetProperty("detail").GetString()!;
    }
}
