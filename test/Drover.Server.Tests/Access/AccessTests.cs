using System.Globalization;
using System.Net;
using Drover.Server.Features.Access;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.People;

namespace Drover.Server.Tests.Access;

public sealed class AccessTests
{
    [Fact]
    public async Task Every_route_lets_in_exactly_who_the_table_names_and_nobody_without_credentials()
    {
        await using var server = await ServerFixture.StartAsync();
        var callers = new (string Name, Role? Role, HttpClient Client)[]
        {
            ("nobody", null, server.Stranger()),
            ("viewer", Role.Viewer, await server.WithRoleAsync("viewer")),
            ("operator", Role.Operator, await server.WithRoleAsync("operator")),
            ("admin", Role.Admin, server.Admin()),
            ("socket", Role.Admin, server.OnSocket()),
        };

        foreach (var rule in AccessTable.Rules)
        {
            foreach (var (name, role, client) in callers)
            {
                using var request = new HttpRequestMessage(new HttpMethod(rule.Method), PathOf(rule.Route));
                using var response = await client.SendAsync(
                    request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                var expected = Expected(rule, role);
                var isRefused = response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;
                Assert.True(
                    expected is { } status ? response.StatusCode == status : !isRefused,
                    $"{rule.Method} {rule.Route} as {name}: {response.StatusCode}, expected "
                        + $"{expected?.ToString() ?? "to pass"}");
            }
        }
    }

    [Fact]
    public async Task Unknown_paths_and_methods_are_problems_too()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.Stranger().GetAsync("/api/v1/nothing", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.NotFound, Problems.NotFound);
        await server.Stranger().DeleteAsync(Routes.Live, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.MethodNotAllowed, Problems.InvalidRequest);
    }

    [Fact]
    public async Task The_socket_needs_no_token_is_the_owners_alone_and_tells_the_users_name()
    {
        await using var server = await ServerFixture.StartAsync();

        var who = await ServerFixture.GetAsync(server.OnSocket(), Routes.WhoAmI, WireJson.Default.WhoAmIDto);

        Assert.Equal((Environment.UserName, "admin", "socket"), (who.Name, who.Role, who.Via));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(server.Role.SocketPath));
    }

    [Fact]
    public async Task The_first_run_token_is_an_admins_and_is_given_once()
    {
        await using var server = await ServerFixture.StartAsync();
        var who = await ServerFixture.GetAsync(server.Admin(), Routes.WhoAmI, WireJson.Default.WhoAmIDto);
        Assert.Equal(("admin", "token"), (who.Role, who.Via));

        await server.RestartAsync();

        Assert.Null(server.Role.FirstRun);
        who = await ServerFixture.GetAsync(server.Admin(), Routes.WhoAmI, WireJson.Default.WhoAmIDto);
        Assert.Equal("admin", who.Role);
    }

    [Fact]
    public async Task A_revoked_or_expired_token_opens_nothing()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var admin = server.Admin();
        var revoked = await CreateAsync(admin, new CreateTokenRequest("ci", "viewer"));
        var expiring = await CreateAsync(admin, new CreateTokenRequest("short", "viewer", 60));
        Assert.Empty(await server.WithToken(revoked.Token).HostsAsync());

        using (await admin.DeleteAsync($"{Routes.Tokens}/{revoked.TokenId}", TestContext.Current.CancellationToken))
        {
        }

        clock.Advance(TimeSpan.FromSeconds(60));
        foreach (var token in new[] { revoked.Token, expiring.Token })
        {
            await server.WithToken(token).GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.Unauthorized, Problems.Unauthorized);
        }

        var listed = (await ServerFixture.GetAsync(admin, Routes.Tokens, WireJson.Default.PageTokenDto)).Items;
        Assert.NotNull(listed.Single(token => token.Name == "ci").RevokedAt);
    }

    [Theory]
    [InlineData(Routes.Tokens)]
    [InlineData(Routes.EnrollmentTokens)]
    public async Task A_token_that_is_sent_for_its_id_is_not_repeated_in_the_answer(string route)
    {
        await using var server = await ServerFixture.StartAsync();

        var problem = await server.Admin()
            .DeleteAsync($"{route}/dra_pasted-by-mistake", TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.NotFound, Problems.NotFound);

        Assert.DoesNotContain("pasted", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_tokens_is_slowed_down_and_other_callers_are_not()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var guesser = server.WithToken("dra_" + new string('x', 43));

        for (var guess = 0; guess < new ServerLimits().WrongTokens; guess++)
        {
            await guesser.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken)
                .ProblemAsync(HttpStatusCode.Unauthorized, Problems.Unauthorized);
        }

        using var blocked = await guesser.GetAsync(Routes.Hosts, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.TooManyRequests, blocked.StatusCode);
        Assert.NotNull(blocked.Headers.RetryAfter);
        Assert.Empty(await server.OnSocket().HostsAsync());
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty(await server.Admin().HostsAsync());
    }

    [Fact]
    public async Task Knocking_fills_neither_the_events_nor_tells_why_it_was_refused()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        var stranger = new ScriptedAgent(server, "x").Copy(1);

        var bodies = new HashSet<string>();
        for (var knock = 0; knock < 30; knock++)
        {
            using var unknown = await stranger.TryHeartbeatAsync();
            bodies.Add(await unknown.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        var forged = agent.Copy(1);
        forged.Key = Core.Trust.AgentKey.Create();
        using var wrong = await forged.TryHeartbeatAsync();
        bodies.Add(await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Single(bodies);
        await Eventually.TrueAsync(
            async () => (await DenialsAsync(server)).Count > 1,
            "refusals are told",
            TestContext.Current.CancellationToken);
        Assert.InRange((await DenialsAsync(server)).Count, 2, 10);
    }

    [Fact]
    public async Task A_request_that_was_changed_on_its_way_is_refused()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var body = "{}"u8.ToArray();

        var otherBody = agent.Sign(HttpMethod.Post, Routes.CommandRenew, body);
        otherBody.Content = new ByteArrayContent("{} "u8.ToArray());
        var otherPath = agent.Sign(HttpMethod.Post, Routes.CommandRenew, body);
        otherPath.RequestUri = new Uri(Routes.AppStatus, UriKind.Relative);
        var otherQuery =
            agent.Sign(HttpMethod.Get, $"/api/v1/agent/commands/wait/{agent.DeploymentHash}?timeout=1", null);
        otherQuery.RequestUri =
            new Uri($"/api/v1/agent/commands/wait/{agent.DeploymentHash}?timeout=2", UriKind.Relative);
        var otherTime = agent.Sign(HttpMethod.Post, Routes.CommandRenew, body);
        var stamp =
            long.Parse(otherTime.Headers.GetValues(SignatureHeaders.Timestamp).Single(), CultureInfo.InvariantCulture);
        otherTime.Headers.Remove(SignatureHeaders.Timestamp);
        otherTime.Headers.Add(SignatureHeaders.Timestamp, (stamp + 1).ToString(CultureInfo.InvariantCulture));

        foreach (var request in new[] { otherBody, otherPath, otherQuery, otherTime })
        {
            using var response = await server.Stranger().SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            request.Dispose();
        }
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    public async Task A_right_signature_with_a_stale_stamp_is_told_the_servers_time(int seconds)
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.EnrollAsync();
        agent.ClockOffset = TimeSpan.FromSeconds(seconds);

        var problem = await agent.TryHeartbeatAsync().ProblemAsync(HttpStatusCode.Conflict, Problems.ReSign);

        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds(), problem.ServerTime);
        agent.ClockOffset = TimeSpan.Zero;
        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
    }

    [Fact]
    public async Task A_stamp_older_than_the_restart_must_be_signed_again_for_its_id_is_no_longer_remembered()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.EnrollAsync();
        using var captured = agent.Sign(
            HttpMethod.Post,
            Routes.Heartbeat,
            System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                new HeartbeatRequest(agent.Run, 5, null, DockerStates.Up, 0), WireJson.Default.HeartbeatRequest));
        clock.Advance(TimeSpan.FromSeconds(5));
        await server.RestartAsync();
        clock.Advance(TimeSpan.FromSeconds(5));

        await server.Stranger().SendAsync(captured, TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.Conflict, Problems.ReSign);
        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
    }

    [Fact]
    public async Task Live_and_ready_are_open_and_metrics_are_well_formed()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha", "web");
        Assert.Equal(
            HttpStatusCode.OK,
            (await server.Stranger().GetAsync(Routes.Live, TestContext.Current.CancellationToken)).StatusCode);
        Assert.Equal(
            HttpStatusCode.OK,
            (await server.Stranger().GetAsync(Routes.Ready, TestContext.Current.CancellationToken)).StatusCode);

        var metrics = await server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
        Assert.Contains("drover_server_hosts{state=\"live\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("drover_server_containers 1\n", metrics, StringComparison.Ordinal);
        Assert.All(
            metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            line => Assert.Matches(
                "^(# (HELP|TYPE) drover_server_|drover_server_[a-z_]+(\\{[^}]*(\\{[^}]*\\}[^}]*)*\\})? "
                    + "[-+0-9.eEInfNa]+$)",
                line));
    }

    private static Task<IReadOnlyList<EventDto>> DenialsAsync(ServerFixture server) =>
        server.OnSocket().EventsAsync("after=0&type=access.denied");

    private static Task<CreatedTokenDto> CreateAsync(HttpClient admin, CreateTokenRequest request) =>
        ServerFixture.PostAsync(
            admin, Routes.Tokens, request, WireJson.Default.CreateTokenRequest, WireJson.Default.CreatedTokenDto);

    private static string PathOf(string route) => route
        .Replace("{host}", "none", StringComparison.Ordinal)
        .Replace("{id}", "none", StringComparison.Ordinal)
        .Replace("{hash}", "none", StringComparison.Ordinal);

    private static HttpStatusCode? Expected(AccessRule rule, Role? role)
    {
        Role? least = rule.Who switch
        {
            Who.Viewer => Role.Viewer,
            Who.Operator => Role.Operator,
            Who.Admin => Role.Admin,
            _ => null,
        };
        return rule switch
        {
            { Who: Who.Anybody } => null,
            { Who: Who.Agent } => HttpStatusCode.Unauthorized,
            _ when role is null => HttpStatusCode.Unauthorized,
            _ when role < least => HttpStatusCode.Forbidden,
            _ => null,
        };
    }
}
