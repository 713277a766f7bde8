using System.Net;
using Drover.Server.Features.Access;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;

namespace Drover.Server.Tests.Access;

public sealed class AgentAccessTests
{
    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task A_jump_of_the_servers_clock_after_its_start_locks_no_agent_out(int seconds)
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.JoinAsync("alpha");
        await server.RestartAsync();
        clock.Advance(TimeSpan.FromSeconds(10));

        clock.JumpWallClock(TimeSpan.FromSeconds(seconds));

        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
    }

    [Fact]
    public async Task More_requests_than_can_be_remembered_are_slowed_down_and_never_cost_the_heartbeat()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(
            clock, options => options with { Limits = new ServerLimits { HostRequests = 1_000 } });
        var agent = await server.JoinAsync("alpha");
        var client = server.Stranger();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, RequestWindows.RememberedRequests),
            new ParallelOptions
            {
                MaxDegreeOfParallelism = 8,
                CancellationToken = TestContext.Current.CancellationToken,
            },
            async (_, cancellationToken) =>
            {
                using var renewal = Renewal(agent);
                using var response = await client.SendAsync(renewal, cancellationToken);
                Assert.NotEqual(HttpStatusCode.Unauthorized, response.StatusCode);
                Assert.NotEqual(HttpStatusCode.TooManyRequests, response.StatusCode);
            });

        using (var renewal = Renewal(agent))
        {
            using var refused = await client.SendAsync(renewal, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 30);
        }

        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
        clock.Advance(TimeSpan.FromSeconds(302));
        Assert.Empty((await agent.RenewAsync([])).Lost);
    }

    [Fact]
    public async Task Whatever_the_size_of_the_body_the_answer_does_not_tell_which_hosts_exist()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        agent.Key = Core.Trust.AgentKey.Create();
        foreach (var (route, size, status) in new[]
        {
            (Routes.Inventory, 100, HttpStatusCode.Unauthorized),
            (Routes.Inventory, 6_000, HttpStatusCode.Unauthorized),
            (Routes.Inventory, 2_000_000, HttpStatusCode.Unauthorized),
            (Routes.Heartbeat, 6_000, HttpStatusCode.RequestEntityTooLarge),
        })
        {
            using var known = agent.Sign(HttpMethod.Post, route, new byte[size]);
            using var unknown = agent.Sign(HttpMethod.Post, route, new byte[size]);
            unknown.Headers.Remove(SignatureHeaders.AgentId);
            unknown.Headers.Add(SignatureHeaders.AgentId, Guid.NewGuid().ToString());

            var toKnown = await AnswerAsync(server, known);
            var toUnknown = await AnswerAsync(server, unknown);

            Assert.Equal(status, toKnown.Status);
            Assert.Equal(toKnown, toUnknown);
        }
    }

    private static HttpRequestMessage Renewal(ScriptedAgent agent) =>
        agent.Sign(HttpMethod.Post, Routes.CommandRenew, "{\"command_ids\":[]}"u8.ToArray());

    private static async Task<(HttpStatusCode Status, string Body)> AnswerAsync(
        ServerFixture server, HttpRequestMessage request)
    {
        using var response = await server.Stranger().SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
