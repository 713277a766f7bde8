using System.Net;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover.Server.Tests.Hosts;

/// <summary>A host whose key is revoked is refused at once and stays in the list.</summary>
public sealed class RevokeTests
{
    [Fact]
    public async Task A_revoked_host_is_refused_at_once_and_shown_as_revoked_over_a_restart_too()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");

        Assert.Equal("revoked", (await RevokeAsync(server, "alpha")).State);

        await RefusedAsync(agent);
        await server.RestartAsync();
        await RefusedAsync(agent);
        var host = await server.OnSocket().HostAsync("alpha");
        Assert.Equal(("revoked", "its key was revoked"), (host.State, host.Reason));
        Assert.Contains(await server.OnSocket().EventsAsync(), one => one.Type == "host.revoked");
    }

    [Fact]
    public async Task Its_open_poll_ends_and_what_waited_for_it_is_cancelled()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var poll = agent.WaitAsync(60, WaitScopes.Streams);
        await server.PollsWaitAsync(1);
        var order = await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");

        await RevokeAsync(server, "alpha");

        Assert.Null((await poll).Item);
        Assert.Equal(CommandStates.Cancelled, (await server.OnSocket().CommandAsync(order.CommandId)).Status);
        var problem = await server.OnSocket().TryOrderAsync(CommandTypes.Restart, "web")
            .ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        Assert.Contains("its key was revoked", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_of_a_revoked_host_is_no_alarm()
    {
        var clock = new Drover.Testing.Time.FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        await server.JoinAsync("alpha");
        await RevokeAsync(server, "alpha");

        await clock.PassAsync(TimeSpan.FromMinutes(3));

        Assert.Equal("revoked", (await server.OnSocket().HostAsync("alpha")).State);
        Assert.DoesNotContain(
            await server.OnSocket().EventsAsync(), one => one.Type is "host.late" or "host.offline");
    }

    [Fact]
    public async Task Its_enrollment_token_does_not_bring_it_back_and_a_new_one_does_once_it_is_removed()
    {
        await using var server = await ServerFixture.StartAsync();
        var token = await server.EnrollmentTokenAsync();
        var agent = new ScriptedAgent(server, "alpha");
        await agent.EnrollAsync(token);
        await RevokeAsync(server, "alpha");

        using (var again = await agent.TryEnrollAsync(token))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        }

        using (await server.OnSocket().DeleteAsync(
            $"{Routes.Hosts}/alpha", TestContext.Current.CancellationToken))
        {
        }

        await server.JoinAsync("alpha");
        Assert.Equal("live", (await server.OnSocket().HostAsync("alpha")).State);
    }

    [Fact]
    public async Task Its_keys_are_gone_from_the_database()
    {
        await using var server = await ServerFixture.StartAsync();
        await server.JoinAsync("alpha");
        await RevokeAsync(server, "alpha");
        await server.StopAsync();

        using var connection = new Microsoft.Data.Sqlite.SqliteConnection(
            $"Data Source={Path.Combine(server.DataDirectory, "server.db")}");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT sealed_key || COALESCE(next_sealed_key, '') FROM hosts";
        Assert.Equal("", await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    private static async Task RefusedAsync(ScriptedAgent agent)
    {
        using var heartbeat = await agent.TryHeartbeatAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, heartbeat.StatusCode);
    }

    private static async Task<HostDto> RevokeAsync(ServerFixture server, string host)
    {
        using var response = await server.OnSocket().PostAsync(
            Routes.HostRevocation.Replace("{host}", host, StringComparison.Ordinal),
            null,
            TestContext.Current.CancellationToken);
        return await ServerFixture.ReadAsync(response, WireJson.Default.HostDto);
    }
}
