using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Tests.Rig;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.ColdStart;

/// <summary>The one path of a managed agent's hostnames that the gateway answers itself.</summary>
public sealed class StatusTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_front_end_polls_api_health_until_ready_and_retries()
    {
        await using var agent = await PlayedAgent.StartAsync(_ => Task.CompletedTask);
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start(TimeSpan.FromMinutes(1));

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"sleeping","agent":"scout"}"""),
            await rig.TextAsync("/api/health"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await rig.TextAsync("/v1")).Code);
        Assert.Contains("\"status\":\"starting\",\"agent\":\"scout\"", (await rig.TextAsync("/api/health")).Body);
        rig.Life.Serve(agent.Origin);

        Assert.Equal(
            (HttpStatusCode.OK, """{"status":"ready","agent":"scout"}"""), await rig.TextAsync("/api/health"));
        Assert.Equal(HttpStatusCode.OK, (await rig.TextAsync("/v1")).Code);
        Assert.Equal(1, rig.Life.Wakes);
    }

    [Fact]
    public async Task Asking_neither_wakes_nor_is_activity()
    {
        var clock = new FakeClock();
        await using var agent = await PlayedAgent.StartAsync(_ => Task.CompletedTask);
        await using var rig = await ColdRig.StartAsync(time: clock);
        rig.Life.Serve(agent.Origin);
        clock.Advance(TimeSpan.FromMinutes(10));

        await rig.TextAsync("/api/health");
        Assert.Equal(TimeSpan.FromMinutes(10), rig.Seat.Activity.SinceLast);
        rig.Life.Sleep();
        await rig.TextAsync("/api/health");
        using var stream = await rig.SendAsync(rig.Request("/api/health", ("Accept", "text/event-stream")));

        Assert.Equal((0, 0), (rig.Life.Wakes, rig.Seat.Activity.Open));
        Assert.Equal(TimeSpan.FromMinutes(10), rig.Seat.Activity.SinceLast);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.ServiceUnavailable)]
    [InlineData(true, HttpStatusCode.OK)]
    public async Task HEAD_says_what_GET_says_without_its_body(bool serves, HttpStatusCode code)
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync();
        if (serves)
        {
            rig.Life.Serve(agent.Origin);
        }

        using var head = await rig.SendAsync(rig.Request("/api/health", HttpMethod.Head));
        using var get = await rig.GetAsync("/api/health");

        Assert.Equal((code, code), (head.StatusCode, get.StatusCode));
        Assert.Equal(get.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Ending));
        Assert.Equal("no-store", head.Headers.CacheControl!.ToString());
        Assert.Equal(serves, head.Headers.RetryAfter is null);
    }

    [Fact]
    public async Task Defect_17_of_a_managed_agents_own_endpoints_the_status_path_alone_is_the_gateways()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent() with { StatusPath = "/-/state" });
        rig.Life.Serve(agent.Origin);

        string[] own =
        [
            "/api/health", "/api/services", "/api/services/x", "/api/wake", "/admin/agents", "/metrics", "/-/state/",
            "/-/stat", "/-/state/x",
        ];
        foreach (var path in own)
        {
            Assert.StartsWith($"GET {path} HTTP/1.1\n", (await rig.TextAsync(path)).Body);
        }

        Assert.Equal("""{"status":"ready","agent":"scout"}""", (await rig.TextAsync("/-/state")).Body);
        Assert.Equal("""{"status":"ready","agent":"scout"}""", (await rig.TextAsync("/-/state?now=1")).Body);
    }

    [Fact]
    public async Task Defect_17_an_unmanaged_agent_answers_api_health_itself()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync(ColdRig.Agent(AgentPolicy.Unmanaged));
        rig.Life.Serve(agent.Origin);

        Assert.StartsWith("GET /api/health HTTP/1.1\n", (await rig.TextAsync("/api/health")).Body);
        Assert.StartsWith("GET /favicon.ico HTTP/1.1\n", (await rig.TextAsync("/favicon.ico")).Body);
    }

    [Fact]
    public async Task A_write_to_the_status_path_is_refused_and_reaches_nobody()
    {
        await using var rig = await ColdRig.StartAsync();

        using var answer = await rig.SendAsync(rig.Request("/api/health", HttpMethod.Post));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal("GET, HEAD, OPTIONS", string.Join(", ", answer.Content.Headers.Allow));
        Assert.Equal(0, rig.Life.Wakes);
    }

    [Fact]
    public async Task Pages_of_another_origin_may_read_status_and_503_and_never_with_credentials()
    {
        await using var rig = await ColdRig.StartAsync();
        rig.Life.OnWake = () => rig.Life.Start();
        using var asking = rig.Request(
            "/api/health",
            ("Origin", "https://app.example.org"),
            ("Access-Control-Request-Method", "GET"),
            ("Access-Control-Request-Headers", "x-token"));
        asking.Method = HttpMethod.Options;

        using var preflight = await rig.SendAsync(asking);
        using var status = await rig.GetAsync("/api/health");
        using var refused = await rig.GetAsync("/v1");

        Assert.Equal(HttpStatusCode.NoContent, preflight.StatusCode);
        Assert.Equal("*", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single());
        foreach (var answer in new[] { preflight, status, refused })
        {
            Assert.Equal("*", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
            Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        }

        Assert.Contains("Retry-After", refused.Headers.GetValues("Access-Control-Expose-Headers").Single());
    }

    [Fact]
    public async Task Whoever_takes_events_is_told_every_state_as_it_comes()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var rig = await ColdRig.StartAsync();
        using var answer = await rig.SendAsync(rig.Request("/api/health", ("Accept", "text/event-stream")));
        using var lines = new StreamReader(await answer.Content.ReadAsStreamAsync(Ending));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("""{"status":"sleeping","agent":"scout"}""", await NextAsync(lines));
        rig.Life.Start();
        Assert.Equal("""{"status":"starting","agent":"scout"}""", await NextAsync(lines));
        rig.Life.Fail("no room");
        Assert.Equal(
            """{"status":"degraded","agent":"scout","reason":"no_node","message":"no room"}""", await NextAsync(lines));
        rig.Life.Serve(agent.Origin);
        Assert.Equal("""{"status":"ready","agent":"scout"}""", await NextAsync(lines));
    }

    private static async Task<string> NextAsync(StreamReader lines)
    {
        Assert.Equal("event: status", await lines.ReadLineAsync(Ending));
        var line = await lines.ReadLineAsync(Ending);
        Assert.Equal("", await lines.ReadLineAsync(Ending));
        return line!["data: ".Length..];
    }
}
