using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;

namespace Drover.Gateway.Tests.Hosting;

/// <summary>
/// Requests that two readers could take for different ones. Each is sent as octets, and behind it on the same
/// connection what an attacker would hide: the agent must never see that one.
/// </summary>
public sealed class SmugglingTests
{
    private const string Hidden = "GET /hidden HTTP/1.1\r\nHost: scout.test\r\n\r\n";

    public static TheoryData<string, string> Shapes() => new()
    {
        { "CL.TE", Post("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n" },
        { "TE.CL", Post("Transfer-Encoding: chunked\r\nContent-Length: 3") + "0\r\n\r\n" },
        { "two lengths that differ", Post("Content-Length: 0\r\nContent-Length: 5") },
        { "two lengths that agree", Post("Content-Length: 0\r\nContent-Length: 0") },
        { "lengths in a list", Post("Content-Length: 0, 0") },
        { "a negative length", Post("Content-Length: -1") },
        { "a length in hex", Post("Content-Length: 0x0") },
        { "a length beyond all numbers", Post("Content-Length: 99999999999999999999999") },
        { "a coding nobody knows", Post("Transfer-Encoding: xchunked") },
        { "chunked and not last", Post("Transfer-Encoding: chunked, identity") },
        { "chunked behind another", Post("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n" },
        { "chunked twice", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") + "0\r\n\r\n" },
        { "a space before the colon", Post("Transfer-Encoding : chunked") },
        { "a tab before the colon", Post("Content-Length\t: 5") },
        { "a folded line", Post("X-A: b\r\n Transfer-Encoding: chunked") },
        { "a coding in HTTP/1.0", "POST / HTTP/1.0\r\nHost: scout.test\r\nConnection: keep-alive\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" },
        { "bare line feeds", "POST / HTTP/1.1\nHost: scout.test\nContent-Length: 0\n\n" },
        { "a bare line feed in the headers", Post("X-A: b\nTransfer-Encoding: chunked") },
        { "a bare carriage return in a header", Post("X-A: b\rTransfer-Encoding: chunked") },
        { "a NUL in a header", Post("X-A: b\0c") },
        { "a chunk size that is none", Post("Transfer-Encoding: chunked") + "x\r\n" },
        { "a chunk size beyond all numbers", Post("Transfer-Encoding: chunked") + "ffffffffffffffff0\r\n" },
        { "a chunk that ends in a bare line feed", Post("Transfer-Encoding: chunked") + "1\nA\n0\n\n" },
        { "an extension that ends in a bare line feed", Post("Transfer-Encoding: chunked") + "0;a\nX\r\n\r\n" },
        { "a chunk longer than its size", Post("Transfer-Encoding: chunked") + "1\r\nAB\r\n0\r\n\r\n" },
        { "two hosts", "GET / HTTP/1.1\r\nHost: scout.test\r\nHost: other.test\r\n\r\n" },
        { "no host", "GET / HTTP/1.1\r\nX: y\r\n\r\n" },
        { "another host in the address", "GET http://other.test/ HTTP/1.1\r\nHost: scout.test\r\n\r\n" },
        { "a protocol nobody knows", "GET / HTTP/1.7\r\nHost: scout.test\r\n\r\n" },
        { "a space in the target", "GET / x HTTP/1.1\r\nHost: scout.test\r\n\r\n" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task A_request_that_can_be_read_in_two_ways_is_refused_and_ends_the_connection(
        string shape, string request)
    {
        Assert.NotEmpty(shape);
        var paths = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            paths.Enqueue(context.Request.Path);
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(request + Hidden);
        var answer = await client.ReadToEndAsync();

        Assert.DoesNotContain("/hidden", paths);
        // What is left unread at the end may reset the connection before its answer is read.
        Assert.Matches("^(HTTP/1.1 (400|404|501|505) |$)", answer);
        Assert.InRange(System.Text.RegularExpressions.Regex.Count(answer, "HTTP/1.1 [0-9]{3} "), 0, 1);
    }

    [Fact]
    public async Task A_length_that_was_read_goes_on_as_plain_digits()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(Post("Content-Length: +0005\r\nConnection: close") + "hello");

        Assert.Contains("\ncontent-length: 5\n", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Requests_that_can_be_read_in_one_way_follow_one_another_on_a_connection()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            Post("Content-Length: 3") + "one"
            + Post("Transfer-Encoding: Chunked") + "3;x=\"y\"\r\ntwo\r\n0\r\nX-Trailer: 1\r\n\r\n"
            + "GET /hidden HTTP/1.1\r\nHost: scout.test\r\nConnection: close\r\n\r\n");
        var answer = await client.ReadToEndAsync();

        Assert.Equal(3, System.Text.RegularExpressions.Regex.Count(answer, "HTTP/1.1 200 "));
        Assert.Contains("\none", answer);
        Assert.Contains("\ntwo", answer);
        Assert.Contains("GET /hidden HTTP/1.1", answer);
    }

    [Theory]
    [InlineData("CONNECT scout.test:443 HTTP/1.1\r\nHost: scout.test:443\r\n\r\n", "405")]
    [InlineData("TRACE / HTTP/1.1\r\nHost: scout.test\r\n\r\n", "405")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: scout.test\r\nConnection: close\r\n\r\n", "204")]
    [InlineData("GET / HTTP/1.0\r\n\r\n", "404")]
    [InlineData("GET / HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("GET / HTTP/1.1\r\nHost: nobody.test\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("GET / HTTP/1.1\r\nHost: scout.test/x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: sc\u00f6ut.test\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET http://scout.test/ HTTP/1.1\r\nHost: scout.test\r\nConnection: close\r\n\r\n", "200")]
    [InlineData("GET / HTTP/1.0\r\nHost: SCOUT.TEST.:80\r\n\r\n", "200")]
    public async Task What_is_not_for_an_agent_is_answered_by_the_gateway(string request, string status)
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(request);

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("many headers", 431)]
    [InlineData("one large header", 431)]
    [InlineData("a long target", 414)]
    public async Task A_header_bomb_is_refused_before_it_is_held_in_memory(string bomb, int status)
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(bomb switch
        {
            "many headers" => "GET / HTTP/1.1\r\nHost: scout.test\r\n"
                + string.Concat(Enumerable.Range(0, 129).Select(number => $"X-{number}: y\r\n")) + "\r\n",
            "one large header" => $"GET / HTTP/1.1\r\nHost: scout.test\r\nX: {new string('y', 70_000)}\r\n\r\n",
            _ => $"GET /{new string('y', 20_000)} HTTP/1.1\r\nHost: scout.test\r\n\r\n",
        });

        Assert.StartsWith($"HTTP/1.1 {status} ", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task Clients_that_are_too_slow_are_given_up_in_every_phase()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(new GatewayDocument
        {
            Agents = [GatewayRig.Agent(agent.Origin)],
            Limits = new ListenerLimits
            {
                HeaderTimeout = TimeSpan.FromSeconds(1),
                IdleTimeout = TimeSpan.FromSeconds(1),
            },
        });
        using var silent = await rig.RawAsync();
        using var halfLine = await rig.RawAsync();
        using var halfPreface = await rig.RawAsync();
        using var idle = await rig.RawAsync();

        await halfLine.SendAsync("GET / HT");
        await halfPreface.SendAsync("PRI * HTTP/2.0\r\n");
        await idle.SendAsync("GET / HTTP/1.1\r\nHost: scout.test\r\n\r\n");

        Assert.Empty(await silent.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 408 ", await halfLine.ReadToEndAsync());
        Assert.Empty(await halfPreface.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 200 ", await idle.ReadToEndAsync());
    }

    [Fact]
    [Trait("tier", "heavy")]
    public async Task A_slow_upload_goes_on_and_one_that_crawls_is_given_up()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(new GatewayDocument
        {
            Agents = [GatewayRig.Agent(agent.Origin)],
            Limits = new ListenerLimits { SlowestBody = 100 },
        });
        using var slow = await rig.RawAsync();
        using var crawling = await rig.RawAsync();
        await crawling.SendAsync(Post("Content-Length: 10000"));
        await slow.SendAsync(Post("Content-Length: 7000\r\nConnection: close"));

        // 200 octets a second for 35 seconds: longer than the 30 s that cut uploads in the gateway before this one.
        for (var second = 0; second < 35; second++)
        {
            await slow.SendAsync(new string('x', 200));
            await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
        }

        Assert.StartsWith("HTTP/1.1 200 ", await slow.ReadToEndAsync());
        Assert.StartsWith("HTTP/1.1 408 ", await crawling.ReadToEndAsync());
    }

    private static string Post(string headers) => $"POST / HTTP/1.1\r\nHost: scout.test\r\n{headers}\r\n\r\n";
}
