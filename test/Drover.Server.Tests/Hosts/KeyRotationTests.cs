using System.Net;
using Drover.Core.Trust;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Server.Tests.Hosts;

/// <summary>A new key is good beside the old one until the first request that is signed with it.</summary>
public sealed class KeyRotationTests
{
    [Fact]
    public async Task Both_keys_are_good_until_the_first_request_under_the_new_one_and_then_only_that()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        var (old, next) = (agent.Key, AgentKey.Create());
        Assert.Null((await agent.HeartbeatAsync()).NewKey);

        await OrderAsync(server);
        Assert.True((await agent.HeartbeatAsync()).NewKey);
        await GiveAsync(agent, next);
        Assert.True((await agent.HeartbeatAsync()).NewKey);

        agent.Key = next;
        Assert.Null((await agent.HeartbeatAsync()).NewKey);
        agent.Key = old;
        using var refused = await agent.TryHeartbeatAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains(await server.OnSocket().EventsAsync(), one => one.Type == "host.key_rotated");
        Assert.Null((await server.OnSocket().HostAsync("alpha")).KeyOrderedAt);
    }

    [Fact]
    public async Task A_lost_answer_costs_nothing_the_same_key_given_again_is_the_same_answer()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        var (old, next) = (agent.Key, AgentKey.Create());
        await OrderAsync(server);
        await GiveAsync(agent, next);
        await GiveAsync(agent, next);

        agent.Key = next;
        await GiveAsync(agent, next);
        agent.Key = old;
        using var refused = await TryGiveAsync(agent, next);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Order_and_given_key_survive_a_restart_of_the_server()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        await OrderAsync(server);
        await server.RestartAsync();
        agent.ClockOffset = TimeSpan.FromSeconds(2);
        Assert.True((await agent.HeartbeatAsync()).NewKey);

        var next = AgentKey.Create();
        await GiveAsync(agent, next);
        await server.RestartAsync();
        agent.ClockOffset = TimeSpan.FromSeconds(4);
        agent.Key = next;
        Assert.Null((await agent.HeartbeatAsync()).NewKey);
        await server.RestartAsync();
        agent.ClockOffset = TimeSpan.FromSeconds(6);
        await agent.HeartbeatAsync();
    }

    [Fact]
    public async Task A_key_that_was_not_ordered_or_is_none_is_refused()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");

        await TryGiveAsync(agent, AgentKey.Create()).ProblemAsync(HttpStatusCode.Conflict, Problems.Conflict);
        await OrderAsync(server);
        await agent.PostAsync(Routes.AgentKey, new NewKeyRequest("short"), WireJson.Default.NewKeyRequest)
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);
    }

    [Fact]
    public async Task Of_two_keys_given_in_a_row_the_last_one_counts()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        await OrderAsync(server);
        var (first, second) = (AgentKey.Create(), AgentKey.Create());
        await GiveAsync(agent, first);
        await GiveAsync(agent, second);

        agent.Key = first;
        using (var refused = await agent.TryHeartbeatAsync())
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        agent.Key = second;
        await agent.HeartbeatAsync();
    }

    [Fact]
    public async Task A_hundred_requests_under_the_new_key_at_once_are_all_good_and_it_is_told_once()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        await OrderAsync(server);
        var next = AgentKey.Create();
        await GiveAsync(agent, next);
        agent.Key = next;

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => agent.RenewAsync([])));

        Assert.Single(await server.OnSocket().EventsAsync(), one => one.Type == "host.key_rotated");
    }

    [Fact]
    public async Task No_key_stands_in_the_database_in_the_clear()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        await OrderAsync(server);
        var next = AgentKey.Create();
        await GiveAsync(agent, next);
        await server.StopAsync();

        var database = await File.ReadAllTextAsync(
            Path.Combine(server.DataDirectory, "server.db"),
            System.Text.Encoding.Latin1,
            TestContext.Current.CancellationToken);
        Assert.DoesNotContain(next.Reveal(), database, StringComparison.Ordinal);
    }

    private static async Task OrderAsync(ServerFixture server)
    {
        using var response = await server.OnSocket().PostAsync(
            Routes.HostKeyRotation.Replace("{host}", "alpha", StringComparison.Ordinal),
            null,
            TestContext.Current.CancellationToken);
        Assert.NotNull((await ServerFixture.ReadAsync(response, WireJson.Default.HostDto)).KeyOrderedAt);
    }

    private static async Task GiveAsync(ScriptedAgent agent, AgentKey key)
    {
        using var response = await TryGiveAsync(agent, key);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Task<HttpResponseMessage> TryGiveAsync(ScriptedAgent agent, AgentKey key) =>
        agent.PostAsync(Routes.AgentKey, new NewKeyRequest(key.Reveal()), WireJson.Default.NewKeyRequest);
}
