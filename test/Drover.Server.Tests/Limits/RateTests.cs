using System.Net;
using Drover.Server.Features.Enrollment;
using Drover.Server.Features.Limits;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;

namespace Drover.Server.Tests.Limits;

public sealed class RateTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public async Task A_host_that_asks_too_often_is_slowed_down_alone_keeps_its_heartbeat_and_comes_again()
    {
        await using var server = await StartAsync(limits => limits with { HostRequests = 1 });
        var busy = await server.EnrollAsync("busy");
        var other = await server.EnrollAsync("other");
        for (var request = 0; request < CallerLimits.BurstSeconds; request++)
        {
            await busy.RenewAsync([]);
        }

        using var refused = await RenewalAsync(server, busy);

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        var problem = await ServerFixture.ProblemAsync(refused);
        Assert.Contains("try again in 1 s", problem.Detail, StringComparison.Ordinal);
        Assert.Equal("ok", (await busy.HeartbeatAsync()).Status);
        Assert.Empty((await other.RenewAsync([])).Lost);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty((await busy.RenewAsync([])).Lost);
        await MetricsHaveAsync(server, "drover_server_limited_total{limit=\"host\"} 1\n");
    }

    [Fact]
    public async Task A_person_who_asks_too_often_is_slowed_down_and_others_and_the_socket_are_not()
    {
        await using var server = await StartAsync(limits => limits with { PersonRequests = 1 });
        var viewer = await server.WithRoleAsync("viewer");
        for (var request = 0; request < CallerLimits.BurstSeconds; request++)
        {
            await viewer.HostsAsync();
        }

        await viewer.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.TooManyRequests, Problems.TooManyRequests);
        Assert.Empty(await server.Admin().HostsAsync());
        for (var request = 0; request < 2 * CallerLimits.BurstSeconds; request++)
        {
            Assert.Empty(await server.OnSocket().HostsAsync());
        }

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await viewer.HostsAsync());
    }

    [Fact]
    public async Task A_stranger_who_knocks_too_often_is_not_heard_and_the_hosts_and_people_behind_its_address_are()
    {
        await using var server = await StartAsync(limits => limits with { StrangerRequests = 1 });
        var agent = await server.EnrollAsync();
        var token = await server.EnrollmentTokenAsync();
        var stranger = server.Stranger();
        for (var knock = 0; knock < CallerLimits.BurstSeconds; knock++)
        {
            await stranger.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.Unauthorized, Problems.Unauthorized);
        }

        foreach (var path in new[] { Routes.Hosts, "/api/v1/nothing", Routes.Ready })
        {
            await stranger.GetAsync(path, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.TooManyRequests, Problems.TooManyRequests);
        }

        using var joining = await new ScriptedAgent(server, "new").TryEnrollAsync(token);
        Assert.Equal(HttpStatusCode.TooManyRequests, joining.StatusCode);
        var unknown = agent.Copy(1);
        using (var request = unknown.Sign(HttpMethod.Post, Routes.Heartbeat, "{}"u8.ToArray()))
        {
            request.Headers.Remove(SignatureHeaders.AgentId);
            request.Headers.Add(SignatureHeaders.AgentId, Guid.NewGuid().ToString());
            await stranger.SendAsync(request, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.TooManyRequests, Problems.TooManyRequests);
        }

        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
        Assert.Single(await server.Admin().HostsAsync());
        _clock.Advance(TimeSpan.FromSeconds(1));
        await new ScriptedAgent(server, "new").EnrollAsync(token);
    }

    [Fact]
    public async Task Hosts_and_people_pay_nothing_for_their_address_however_many_they_are()
    {
        await using var server = await StartAsync(limits => limits with { StrangerRequests = 1 });
        for (var host = 0; host < 3 * CallerLimits.BurstSeconds; host++)
        {
            var agent = await server.EnrollAsync($"host-{host}");
            agent.ClockOffset = TimeSpan.FromHours(1);
            await agent.TryHeartbeatAsync().ProblemAsync(HttpStatusCode.Conflict, Problems.ReSign);
            agent.ClockOffset = TimeSpan.Zero;
            Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
            Assert.NotEmpty(await server.Admin().HostsAsync());
        }

        using var live = await server.Stranger().GetAsync(Routes.Live, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
    }

    [Fact]
    public async Task Who_is_known_pays_for_what_it_is_refused_itself_and_a_replay_is_its_addresses()
    {
        await using var server = await StartAsync(limits => limits with { StrangerRequests = 1, PersonRequests = 2 });
        var agent = await server.EnrollAsync();
        var viewer = await server.WithRoleAsync("viewer");
        for (var request = 0; request < 2 * CallerLimits.BurstSeconds; request++)
        {
            await viewer.GetAsync(Routes.Audit, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.Forbidden, Problems.Forbidden);
        }

        await viewer.GetAsync(Routes.Audit, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.TooManyRequests, Problems.TooManyRequests);
        using var live = await server.Stranger().GetAsync(Routes.Live, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        _clock.Advance(TimeSpan.FromSeconds(1));

        const string RequestId = "captured";
        for (var replay = 0; replay <= CallerLimits.BurstSeconds; replay++)
        {
            using var captured =
                agent.Sign(HttpMethod.Post, Routes.CommandRenew, "{\"command_ids\":[]}"u8.ToArray(), RequestId);
            using var answer = await server.Stranger().SendAsync(captured, TestContext.Current.CancellationToken);
            Assert.Equal(replay == 0 ? HttpStatusCode.OK : HttpStatusCode.Unauthorized, answer.StatusCode);
        }

        await server.Stranger().GetAsync(Routes.Live, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.TooManyRequests, Problems.TooManyRequests);
    }

    [Fact]
    public async Task A_right_token_passes_while_somebody_at_the_same_address_sends_wrong_ones()
    {
        await using var server = await StartAsync(limits => limits with { WrongTokens = 3 });
        var guesser = server.WithToken("dra_" + new string('x', 43));
        for (var guess = 0; guess < 3; guess++)
        {
            await guesser.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.Unauthorized, Problems.Unauthorized);
        }

        await guesser.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.TooManyRequests, Problems.TooManyRequests);
        Assert.Empty(await server.Admin().HostsAsync());
        Assert.Equal("ok", (await (await server.EnrollAsync()).HeartbeatAsync()).Status);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await guesser.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.Unauthorized, Problems.Unauthorized);
    }

    [Fact]
    public async Task One_bad_enrollment_token_is_slowed_down_for_itself_and_keeps_nobody_else_from_joining()
    {
        await using var server = await StartAsync(
            limits => limits with { WrongTokens = EnrollmentThrottle.MostPerToken + 1 });
        var token = await server.EnrollmentTokenAsync(TimeSpan.FromSeconds(60));
        _clock.Advance(TimeSpan.FromSeconds(61));
        for (var machine = 0; machine < EnrollmentThrottle.MostPerToken; machine++)
        {
            using var expired = await new ScriptedAgent(server, "clone").TryEnrollAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, expired.StatusCode);
        }

        for (var machine = 0; machine < 100; machine++)
        {
            using var slowed = await new ScriptedAgent(server, "clone").TryEnrollAsync(token);
            Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
            Assert.InRange(slowed.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
        }

        Assert.Equal("ok", (await (await server.EnrollAsync("good")).HeartbeatAsync()).Status);
        await MetricsHaveAsync(server, "drover_server_limited_total{limit=\"enrollment_token\"} 100\n");
    }

    [Fact]
    public async Task Many_bad_enrollment_tokens_are_slowed_down_by_their_address_for_a_minute()
    {
        await using var server = await StartAsync(limits => limits with { WrongTokens = 5 });
        var good = await server.EnrollmentTokenAsync();
        for (var guess = 0; guess < 5; guess++)
        {
            using var wrong = await new ScriptedAgent(server, "x").TryEnrollAsync($"dre_{new string('x', 42)}{guess}");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using (var slowed = await new ScriptedAgent(server, "x").TryEnrollAsync(good))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, slowed.StatusCode);
        }

        Assert.Empty(await server.Admin().HostsAsync());
        _clock.Advance(TimeSpan.FromMinutes(1));
        await new ScriptedAgent(server, "x").EnrollAsync(good);
    }

    [Fact]
    public async Task A_person_has_so_many_streams_open_at_once_and_room_again_when_one_closes()
    {
        await using var server = await StartAsync(limits => limits with { PersonOpenRequests = 2 });
        var viewer = await server.WithRoleAsync("viewer");
        using var one = await OpenStreamAsync(viewer);
        using (var two = await OpenStreamAsync(viewer))
        {
            Assert.Equal(HttpStatusCode.OK, two.StatusCode);
            await viewer.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.TooManyRequests, Problems.TooManyRequests);
            Assert.Empty(await server.Admin().HostsAsync());
        }

        await Eventually.TrueAsync(
            async () => (await viewer.GetAsync(Routes.Hosts)).StatusCode == HttpStatusCode.OK,
            "the closed stream no longer counts",
            TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, one.StatusCode);
    }

    [Fact]
    public async Task A_host_has_so_many_polls_open_at_once_and_its_heartbeat_passes_by_them()
    {
        await using var server = await StartAsync(limits => limits with { HostOpenRequests = 2 });
        var agent = await server.EnrollAsync();
        var first = agent.WaitAsync(60);
        var second = agent.WaitAsync(60);
        await server.PollsWaitAsync(2);

        using var third = await RenewalAsync(server, agent);

        Assert.Equal(HttpStatusCode.TooManyRequests, third.StatusCode);
        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
        _clock.Advance(TimeSpan.FromSeconds(61));
        await Task.WhenAll(first, second);
    }

    private Task<ServerFixture> StartAsync(Func<ServerLimits, ServerLimits> limits) => ServerFixture.StartAsync(
        _clock, options => options with { Limits = limits(options.Limits) });

    private static Task<HttpResponseMessage> RenewalAsync(ServerFixture server, ScriptedAgent agent) =>
        agent.SendAsync(HttpMethod.Post, Routes.CommandRenew, "{\"command_ids\":[]}"u8.ToArray());

    private static Task<HttpResponseMessage> OpenStreamAsync(HttpClient client) => client.GetAsync(
        Routes.EventStream, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    private static async Task MetricsHaveAsync(ServerFixture server, string line) =>
        Assert.Contains(line, await MetricsAsync(server), StringComparison.Ordinal);

    private static Task<string> MetricsAsync(ServerFixture server) =>
        server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
}
