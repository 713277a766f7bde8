using System.Net;
using Drover.Gateway.Documents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Tests.Rig;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.Tests.Forwarding;

/// <summary>What of a message goes on, in both directions.</summary>
public sealed class HeaderTests
{
    [Theory]
    [InlineData("upgrade", true)]
    [InlineData("Upgrade", true)]
    [InlineData("keep-alive, Upgrade", true)]
    [InlineData("Upgrade,keep-alive", true)]
    [InlineData("keep-alive ,\tUPGRADE ,close", true)]
    [InlineData("keep-alive", false)]
    [InlineData("upgraded", false)]
    [InlineData("no-upgrade, keep-alive", false)]
    [InlineData("up grade", false)]
    [InlineData("", false)]
    public void Connection_is_parsed_as_a_comma_separated_list_for_the_token_upgrade(string value, bool isUpgrade)
    {
        Assert.Equal(isUpgrade, HopByHop.HasUpgrade(value));
        Assert.Equal(isUpgrade, HopByHop.HasUpgrade(new StringValues(["keep-alive", value])));
    }

    [Fact]
    public void What_connection_names_is_a_list_too() => Assert.Equal(
        ["TE", "X-Hop"], HopByHop.NamedBy(new StringValues(["close, X-Hop ,Host", " keep-alive,\tTE"]))!.Order());

    [Fact]
    public async Task What_is_between_neighbours_ends_at_the_gateway_and_everything_else_goes_on()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            "GET /x HTTP/1.1\r\nHost: scout.test\r\nConnection: X-Hop , TE\r\nX-Hop: 1\r\nKeep-Alive: 5\r\n"
                + "TE: gzip, trailers\r\nProxy-Authorization: Basic x\r\nProxy-Connection: keep-alive\r\n"
                + "X-Twice: a\r\nX-Twice: b\r\nAuthorization: Bearer t\r\nCookie: a=1; b=2\r\n"
                + "X-Octets: caf\u00e9\r\nAccept: */*\r\n\r\n");
        var answer = await client.ReadUntilAsync("\r\n0\r\n\r\n");

        Assert.Contains("\nhost: scout.test\n", answer);
        Assert.Contains("\nx-twice: a, b\n", answer);
        Assert.Contains("\nauthorization: Bearer t\n", answer);
        Assert.Contains("\ncookie: a=1; b=2\n", answer);
        Assert.Contains("\nte: trailers\n", answer);
        // The rig's agent writes its text as UTF-8.
        Assert.Contains("\nx-octets: caf\u00c3\u00a9\n", answer);
        Assert.All(
            ["x-hop:", "keep-alive:", "proxy-authorization:", "proxy-connection:", "connection:"],
            gone => Assert.DoesNotContain($"\n{gone}", answer));
    }

    [Fact]
    public async Task What_an_answer_keeps_between_neighbours_does_not_reach_the_client()
    {
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            context.Response.Headers.Connection = "X-Hop";
            context.Response.Headers["X-Hop"] = "1";
            context.Response.Headers["Keep-Alive"] = "timeout=5";
            context.Response.Headers["Alt-Svc"] = "h3=\":443\"";
            context.Response.Headers.SetCookie = new StringValues(["a=1", "b=2"]);
            context.Response.Headers.Server = "played";
            return Task.CompletedTask;
        });
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));

        using var answer = await rig.GetAsync("/");

        Assert.Equal(["a=1", "b=2"], answer.Headers.GetValues("Set-Cookie"));
        Assert.Equal(["played"], answer.Headers.GetValues("Server"));
        Assert.All(
            ["X-Hop", "Keep-Alive", "Alt-Svc"], name => Assert.False(answer.Headers.TryGetValues(name, out _), name));
    }

    [Fact]
    public async Task What_a_client_says_of_its_own_address_is_not_believed()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));

        var seen = await SayAsync(rig);

        Assert.Contains("\nx-forwarded-for: 127.0.0.1\n", seen);
        Assert.Contains("\nx-forwarded-proto: http\n", seen);
        Assert.Contains("\nx-forwarded-host: scout.test\n", seen);
        Assert.Contains("\nforwarded: for=127.0.0.1;host=scout.test;proto=http\n", seen);
        Assert.DoesNotContain("198.51.100.7", seen);
        Assert.DoesNotContain("\nx-real-ip:", seen);
        Assert.DoesNotContain("\nx-forwarded-port:", seen);
    }

    [Fact]
    public async Task A_trusted_proxy_is_believed_and_the_gateway_adds_itself_behind_it()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(new GatewayDocument
        {
            Agents = [GatewayRig.Agent(agent.Origin)],
            TrustedProxies = [IPNetwork.Parse("127.0.0.0/8")],
        });

        var seen = await SayAsync(rig);

        Assert.Contains("\nx-forwarded-for: 198.51.100.7, 127.0.0.1\n", seen);
        Assert.Contains("\nx-forwarded-proto: https\n", seen);
        Assert.Contains("\nx-forwarded-host: www.example.org\n", seen);
        Assert.Contains("\nx-forwarded-port: 8443\n", seen);
        Assert.Contains("\nx-real-ip: 198.51.100.7\n", seen);
        Assert.Contains("\nforwarded: for=198.51.100.7, for=127.0.0.1;host=scout.test;proto=http\n", seen);
    }

    [Fact]
    public async Task Headers_about_the_client_can_be_one_form_alone()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(new GatewayDocument
        {
            Agents = [GatewayRig.Agent(agent.Origin)],
            Forwarded = ForwardedForms.Standard,
        });

        var seen = await SayAsync(rig);

        Assert.Contains("\nforwarded: for=127.0.0.1;", seen);
        Assert.DoesNotContain("\nx-forwarded-", seen);
    }

    [Theory]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true)]
    [InlineData("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes-later", true)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more", false)]
    [InlineData("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false)]
    [InlineData("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false)]
    [InlineData("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false)]
    [InlineData("00-short", false)]
    public async Task A_trace_goes_on_as_it_is_and_one_that_cannot_be_read_goes_nowhere(string parent, bool goesOn)
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var request = rig.Request(HttpMethod.Get, "/");
        request.Headers.TryAddWithoutValidation("traceparent", parent);
        request.Headers.TryAddWithoutValidation("tracestate", "vendor=1");

        using var answer = await rig.Client.SendAsync(request, TestContext.Current.CancellationToken);
        var seen = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(goesOn, seen.Contains($"\ntraceparent: {parent}\n", StringComparison.Ordinal));
        Assert.Equal(goesOn, seen.Contains("\ntracestate: vendor=1\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/a%2Fb/%7Euser//x/./y?q=%zz&r=a+b#f")]
    [InlineData("/../etc/passwd")]
    [InlineData("/%2e%2e/secret")]
    [InlineData("/?a=b?c")]
    [InlineData("/a%20b%E2%82%AC")]
    public async Task Path_and_query_reach_the_agent_as_the_client_wrote_them(string target)
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync($"GET {target} HTTP/1.1\r\nHost: scout.test\r\nConnection: close\r\n\r\n");

        Assert.Contains($"\nGET {target} HTTP/1.1\n", await client.ReadToEndAsync());
    }

    [Theory]
    [InlineData("/a?b", "/a?b")]
    [InlineData("http://scout.test/a?b", "/a?b")]
    [InlineData("http://scout.test", "/")]
    [InlineData("http://scout.test?b=http://c/d", "/?b=http://c/d")]
    [InlineData("*", "/")]
    public void The_absolute_form_is_asked_for_as_its_path(string raw, string target) =>
        Assert.Equal(target, RequestTarget.PathAndQuery(raw));

    [Fact]
    public async Task A_body_header_without_a_body_is_no_reason_to_fail()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await GatewayRig.StartAsync(GatewayRig.Agent(agent.Origin));
        using var client = await rig.RawAsync();

        await client.SendAsync(
            "GET / HTTP/1.1\r\nHost: scout.test\r\nContent-Type: text/x\r\nConnection: close\r\n\r\n");

        Assert.Contains("\ncontent-type: text/x\n", await client.ReadToEndAsync());
    }

    private static async Task<string> SayAsync(GatewayRig rig)
    {
        using var request = rig.Request(HttpMethod.Get, "/");
        request.Headers.Add("X-Forwarded-For", "198.51.100.7");
        request.Headers.Add("X-Forwarded-Proto", "https");
        request.Headers.Add("X-Forwarded-Host", "www.example.org");
        request.Headers.Add("X-Forwarded-Port", "8443");
        request.Headers.Add("X-Real-IP", "198.51.100.7");
        request.Headers.Add("Forwarded", "for=198.51.100.7");
        using var answer = await rig.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
