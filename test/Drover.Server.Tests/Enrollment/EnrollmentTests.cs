using System.Net;
using Drover.Core.Trust;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.People;

namespace Drover.Server.Tests.Enrollment;

public sealed class EnrollmentTests
{
    [Fact]
    public async Task A_lost_enrollment_answer_costs_nothing_the_same_token_and_key_give_the_same_host()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();
        var agent = new ScriptedAgent(server, "alpha");
        await agent.EnrollAsync(token);
        var first = agent.HostId;

        await agent.EnrollAsync(token);

        Assert.Equal(first, agent.HostId);
        Assert.Single(await server.OnSocket().HostsAsync());
    }

    [Fact]
    public async Task A_lost_enrollment_answer_costs_nothing_even_over_a_restart_of_the_server()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();
        var agent = new ScriptedAgent(server, "alpha");
        await agent.EnrollAsync(token);
        var first = agent.HostId;

        await server.RestartAsync();
        await agent.EnrollAsync(token);

        Assert.Equal(first, agent.HostId);
    }

    [Fact]
    public async Task A_used_token_with_another_key_gets_the_same_401_as_an_unknown_an_expired_and_a_revoked_one()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var admin = server.Admin();
        var used = await server.EnrollmentTokenAsync();
        await new ScriptedAgent(server, "alpha").EnrollAsync(used);
        var revoked = await server.Role.CreateEnrollmentTokenAsync(
            null, TimeSpan.FromMinutes(15), "test", TestContext.Current.CancellationToken);
        using (
            await admin.DeleteAsync(
                $"{Routes.EnrollmentTokens}/{revoked.TokenId}", TestContext.Current.CancellationToken))
        {
        }

        var expired = await server.EnrollmentTokenAsync(TimeSpan.FromMinutes(1));
        clock.Advance(TimeSpan.FromMinutes(1));
        var unknown = SecretToken.Create(SecretToken.EnrollmentPrefix).Reveal();

        var bodies = new HashSet<string>();
        foreach (var token in new[] { used, revoked.Token, expired, unknown, "nonsense" })
        {
            using var response = await new ScriptedAgent(server, "beta").TryEnrollAsync(token);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            bodies.Add(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }

        Assert.Single(bodies);
        Assert.Single(await server.OnSocket().HostsAsync());
    }

    [Fact]
    public async Task The_same_token_and_key_give_nothing_once_the_token_expired()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var token = await server.EnrollmentTokenAsync();
        var agent = new ScriptedAgent(server, "alpha");
        await agent.EnrollAsync(token);

        clock.Advance(TimeSpan.FromMinutes(15));

        using var response = await agent.TryEnrollAsync(token);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task A_hundred_concurrent_uses_of_one_token_give_one_host()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            using var response = await new ScriptedAgent(server, "alpha").TryEnrollAsync(token);
            return response.StatusCode;
        }));

        Assert.Single(answers, HttpStatusCode.OK);
        Assert.All(
            answers,
            status => Assert.True(
                status is HttpStatusCode.OK or HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests));
        Assert.Single(await server.OnSocket().HostsAsync());
    }

    [Fact]
    public async Task Twenty_concurrent_uses_with_one_key_all_give_the_same_host()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();
        var key = AgentKey.Create();

        var hosts = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            var agent = new ScriptedAgent(server, "alpha") { Key = key };
            await agent.EnrollAsync(token);
            return agent.HostId;
        }));

        Assert.Single(hosts.Distinct());
    }

    [Fact]
    public async Task A_token_for_several_hosts_is_refused_until_the_server_allows_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var problem = await server.OnSocket()
            .PostAsync(
                Routes.EnrollmentTokens,
                ServerFixture.JsonContent("""{"uses":2}"""),
                TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);

        Assert.Contains("server.enrollment.reusable_tokens", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_concurrent_uses_of_a_token_for_ten_hosts_give_ten_hosts_and_the_rest_one_401()
    {
        await using var server = await ReusableAsync();
        var token = await ForSeveralAsync(server, 10);

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(async _ =>
        {
            using var response = await new ScriptedAgent(server, "alpha").TryEnrollAsync(token.Token);
            return response.StatusCode;
        }));

        Assert.Equal(10, answers.Count(status => status is HttpStatusCode.OK));
        Assert.Equal(10, (await server.OnSocket().HostsAsync()).Count);
        var listed = await ServerFixture.GetAsync(
            server.OnSocket(), Routes.EnrollmentTokens, WireJson.Default.PageTokenDto);
        Assert.Equal((10, 10), (listed.Items.Single().Uses, listed.Items.Single().MostUses));
    }

    [Fact]
    public async Task An_answer_lost_by_one_of_several_hosts_uses_nothing_up_and_gives_it_the_same_host()
    {
        await using var server = await ReusableAsync();
        var token = await ForSeveralAsync(server, 2);
        var first = new ScriptedAgent(server, "alpha");
        await first.EnrollAsync(token.Token);
        var second = new ScriptedAgent(server, "beta");
        await second.EnrollAsync(token.Token);
        var (firstId, secondId) = (first.HostId, second.HostId);

        await first.EnrollAsync(token.Token);
        await second.EnrollAsync(token.Token);
        Assert.Equal((firstId, secondId), (first.HostId, second.HostId));

        using var third = await new ScriptedAgent(server, "gamma").TryEnrollAsync(token.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, third.StatusCode);
    }

    [Fact]
    public async Task A_token_for_several_hosts_ends_with_its_time_and_when_it_is_revoked()
    {
        var clock = new FakeClock();
        await using var server = await ReusableAsync(clock);
        var expiring = await ForSeveralAsync(server, 5);
        var revoked = await ForSeveralAsync(server, 5);
        var agent = new ScriptedAgent(server, "alpha");
        await agent.EnrollAsync(revoked.Token);
        using (await server.Admin().DeleteAsync(
            $"{Routes.EnrollmentTokens}/{revoked.TokenId}", TestContext.Current.CancellationToken))
        {
        }

        using var again = await agent.TryEnrollAsync(revoked.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        clock.Advance(TimeSpan.FromHours(1));
        using var late = await new ScriptedAgent(server, "beta").TryEnrollAsync(expiring.Token);
        Assert.Equal(HttpStatusCode.Unauthorized, late.StatusCode);
    }

    [Fact]
    public async Task Two_machines_of_one_name_get_two_names()
    {
        await using var server = await ServerFixture.StartAsync();
        var tokens = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => server.EnrollmentTokenAsync()));

        await Task.WhenAll(tokens.Select(token => new ScriptedAgent(server, "alpha").EnrollAsync(token)));

        Assert.Equal(
            ["alpha", "alpha-2", "alpha-3", "alpha-4", "alpha-5"],
            (await server.OnSocket().HostsAsync()).Select(host => host.Name));
    }

    [Fact]
    public async Task An_enrollment_without_a_key_and_one_of_an_older_agent_are_told_apart()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();
        var problem = await server.Stranger()
            .PostAsync(
                Routes.Enroll,
                ServerFixture.JsonContent($$"""{"token":"{{token}}","name":"a","hostname":"a"}"""),
                TestContext.Current.CancellationToken)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
        Assert.Contains("\"key\"", problem.Detail, StringComparison.Ordinal);

        using var older = await server.Stranger().PostAsync(
            Routes.Enroll,
            ServerFixture.JsonContent(
                $$"""{"token":"{{token}}","name":"My Host!","hostname":"a","dockerVersion":"20.10","key":"{{AgentKey.Create().Reveal()}}","unknown":1}"""),
            TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, older.StatusCode);
        Assert.Equal("My-Host-", Assert.Single(await server.OnSocket().HostsAsync()).Name);
    }

    private static Task<ServerFixture> ReusableAsync(TimeProvider? time = null) =>
        ServerFixture.StartAsync(time, options => options with { ReusableTokens = true });

    private static Task<CreatedTokenDto> ForSeveralAsync(ServerFixture server, int uses) => ServerFixture.PostAsync(
        server.OnSocket(),
        Routes.EnrollmentTokens,
        new CreateEnrollmentTokenRequest(ExpiresInSeconds: 3600, Uses: uses),
        WireJson.Default.CreateEnrollmentTokenRequest,
        WireJson.Default.CreatedTokenDto);

    [Fact]
    public async Task No_secret_stands_in_the_database_files()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();
        var agent = new ScriptedAgent(server, "alpha");
        await agent.EnrollAsync(token);
        await server.StopAsync();

        var database = await File.ReadAllTextAsync(
            Path.Combine(server.DataDirectory, "server.db"),
            System.Text.Encoding.Latin1,
            TestContext.Current.CancellationToken);
        Assert.Contains("alpha", database, StringComparison.Ordinal);
        Assert.DoesNotContain(agent.Key.Reveal(), database, StringComparison.Ordinal);
        Assert.DoesNotContain(token, database, StringComparison.Ordinal);
        Assert.DoesNotContain(server.AdminToken, database, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_file_that_is_lost_is_told_at_the_start_and_never_made_anew()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.EnrollAsync();
        await server.StopAsync();
        var path = Path.Combine(server.DataDirectory, "server.key");
        var key = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        File.Delete(path);

        var failure = await Assert.ThrowsAsync<ServerStartException>(server.StartAgainAsync);
        Assert.Contains("server.key", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(path));

        await File.WriteAllBytesAsync(path, key, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        failure = await Assert.ThrowsAsync<ServerStartException>(server.StartAgainAsync);
        Assert.Contains("chmod 600", failure.Message, StringComparison.Ordinal);
    }
}
