using System.Net;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.ColdStart;

/// <summary>Requests that must not wake an agent, nor keep it awake.</summary>
public sealed class QuietTests
{
    private static readonly string Robots = "User-agent: *\nDisallow: /\n";

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/favicon.ico", "Mozilla/5.0")]
    [InlineData("/robots.txt", "Mozilla/5.0")]
    [InlineData("/deep/path", "Mozilla/5.0 (compatible; uptimerobot/2.0; http://www.uptimerobot.com/)")]
    public async Task Paths_and_user_agents_that_must_not_wake_get_503_of_an_agent_that_sleeps(
        string path, string userAgent)
    {
        await using var rig = await ColdRig.StartAsync(Quiet());

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"sleeping","agent":"scout"}"""),
            await ColdRig.ReadAsync(rig.SendAsync(rig.Request(
                path, ("User-Agent", userAgent), ("Accept", "text/html"), ("Prefer", "wait=20")))));
        Assert.Equal((0, 0), (rig.Life.Wakes, rig.Seat.Activity.Waiting));
    }

    [Theory]
    [InlineData("prefetch")]
    [InlineData("prefetch;prerender")]
    public async Task A_page_that_a_browser_fetches_ahead_of_anybody_wanting_it_wakes_nobody(string purpose)
    {
        await using var rig = await ColdRig.StartAsync();

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"sleeping","agent":"scout"}"""),
            await ColdRig.ReadAsync(rig.SendAsync(rig.Request(
                "/", ("Accept", "text/html"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Purpose", purpose)))));
        Assert.Equal(0, rig.Life.Wakes);
    }

    [Fact]
    public async Task They_reach_an_agent_that_serves_and_do_not_keep_it_awake()
    {
        var clock = new FakeClock();
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(Quiet(), clock);
        rig.Life.Serve(agent.Origin);
        clock.Advance(TimeSpan.FromMinutes(20));

        Assert.StartsWith("GET /favicon.ico ", (await rig.TextAsync("/favicon.ico")).Body);
        var monitor = rig.Request("/v1", ("User-Agent", "UptimeRobot/2.0"));
        Assert.StartsWith("GET /v1 ", (await ColdRig.ReadAsync(rig.SendAsync(monitor))).Body);
        Assert.Equal(TimeSpan.FromMinutes(20), rig.Seat.Activity.SinceLast);
        await rig.TextAsync("/v1");

        Assert.Equal(TimeSpan.Zero, rig.Seat.Activity.SinceLast);
    }

    [Fact]
    public async Task An_agent_that_sleeps_is_spoken_for_by_its_own_last_answer()
    {
        var clock = new FakeClock();
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.Headers.ETag = "\"7\"";
            await context.Response.Body.WriteAsync(System.Text.Encoding.ASCII.GetBytes(Robots));
        });
        await using var rig = await ColdRig.StartAsync(Quiet(), clock);
        rig.Life.Serve(agent.Origin);
        Assert.Equal((HttpStatusCode.OK, Robots), await rig.TextAsync("/robots.txt"));

        rig.Life.Sleep();
        clock.Advance(TimeSpan.FromSeconds(90));
        using var kept = await rig.GetAsync("/robots.txt");
        using var head = await rig.SendAsync(rig.Request("/robots.txt", HttpMethod.Head));

        Assert.Equal(HttpStatusCode.OK, kept.StatusCode);
        Assert.Equal(Robots, await kept.Content.ReadAsStringAsync(Ending));
        Assert.Equal("text/plain", kept.Content.Headers.ContentType!.ToString());
        Assert.Equal(("\"7\"", TimeSpan.FromSeconds(90)), (kept.Headers.ETag!.Tag, kept.Headers.Age));
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/robots.txt?x")).Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/favicon.ico")).Code);
        Assert.Equal(0, rig.Life.Wakes);
    }

    [Theory]
    [InlineData("Cache-Control", "private, max-age=60")]
    [InlineData("Cache-Control", "no-store")]
    [InlineData("Set-Cookie", "session=1")]
    [InlineData("Vary", "*")]
    public async Task An_answer_that_is_for_one_client_is_kept_for_nobody(string name, string value)
    {
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            context.Response.Headers[name] = value;
            return context.Response.Body.WriteAsync("secret"u8.ToArray()).AsTask();
        });
        await using var rig = await ColdRig.StartAsync(Quiet());
        rig.Life.Serve(agent.Origin);
        Assert.Equal((HttpStatusCode.OK, "secret"), await rig.TextAsync("/robots.txt"));

        rig.Life.Sleep();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/robots.txt")).Code);
    }

    [Fact]
    public async Task An_answer_to_a_client_with_credentials_is_kept_for_nobody()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(Quiet());
        rig.Life.Serve(agent.Origin);
        await ColdRig.ReadAsync(rig.SendAsync(rig.Request("/robots.txt", ("Authorization", "Bearer x"))));
        rig.Life.Sleep();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/robots.txt")).Code);
    }

    [Fact]
    public async Task An_answer_that_depends_on_a_header_is_given_to_who_sends_the_same()
    {
        await using var agent = await PlayedAgent.StartAsync(context =>
        {
            context.Response.Headers.Vary = "Accept-Encoding";
            return context.Response.Body.WriteAsync("packed"u8.ToArray()).AsTask();
        });
        await using var rig = await ColdRig.StartAsync(Quiet());
        rig.Life.Serve(agent.Origin);
        await ColdRig.ReadAsync(rig.SendAsync(rig.Request("/robots.txt", ("Accept-Encoding", "gzip"))));
        rig.Life.Sleep();

        using var same = await rig.SendAsync(rig.Request("/robots.txt", ("Accept-Encoding", "gzip")));
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/robots.txt")).Code);
    }

    [Fact]
    public async Task Answers_that_are_large_are_not_kept_and_of_small_ones_the_oldest_goes()
    {
        var clock = new FakeClock();
        await using var agent = await PlayedAgent.StartAsync(context =>
            context.Response.Body.WriteAsync(new byte[context.Request.Path == "/large" ? 70_000 : 1]).AsTask());
        var paths = Enumerable.Range(0, 17).Select(number => $"/{number}").ToList();
        await using var rig = await ColdRig.StartAsync(
            ColdRig.Agent() with { Quiet = new QuietDocument { Paths = [.. paths, "/large"] } }, clock);
        rig.Life.Serve(agent.Origin);
        await rig.TextAsync("/large");
        foreach (var path in paths)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await rig.TextAsync(path);
        }

        rig.Life.Sleep();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/large")).Code);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/0")).Code);
        Assert.All(paths.Skip(1), path => Assert.Equal(HttpStatusCode.OK, rig.TextAsync(path).Result.Code));
    }

    private static AgentDocument Quiet() => ColdRig.Agent() with
    {
        Quiet = new QuietDocument { UserAgents = ["UptimeRobot"] },
    };
}
