using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;

namespace Drover.Server.Tests;

/// <summary>
/// Defects of a system before us that had no test of their own yet; all of them, by number, with the test that keeps
/// each away: docs/explanation/inherited-defects.md.
/// </summary>
public sealed class InheritedDefectTests
{
    [Fact]
    public async Task Defect_3_a_hosts_credentials_work_years_later()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.JoinAsync("alpha", "web");

        clock.JumpWallClock(TimeSpan.FromDays(1000));
        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
        await server.RestartAsync();
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("ok", (await agent.HeartbeatAsync()).Status);
    }

    [Fact]
    public async Task Defect_12_since_when_a_host_is_in_its_state_is_moved_by_no_heartbeat_and_no_sync()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.JoinAsync("alpha", "web");
        var since = (await server.OnSocket().HostAsync("alpha")).StateSince;

        for (var beat = 0; beat < 5; beat++)
        {
            clock.Advance(TimeSpan.FromSeconds(8));
            await agent.HeartbeatAsync();
            await agent.SyncAsync(Containers.Running("web"));
        }

        var host = await server.OnSocket().HostAsync("alpha");
        Assert.Equal((since, "live"), (host.StateSince, host.State));
        Assert.Equal(clock.GetUtcNow() - TimeSpan.FromSeconds(40), since);
    }

    [Fact]
    public async Task Defect_13_the_same_trouble_may_come_and_end_as_often_as_it_likes()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        for (var round = 0; round < 3; round++)
        {
            await agent.HeartbeatAsync("down");
            await agent.HeartbeatAsync();
            await agent.EventsAsync(
                7,
                (2 * round) + 1,
                AgentEvents.Of("container.unhealthy", "web"),
                AgentEvents.Of("container.healthy", "web"));
        }

        var people = server.OnSocket();
        Assert.Equal(3, (await people.EventsAsync("after=0&type=host.docker_down")).Count);
        Assert.Equal(4, (await people.EventsAsync("after=0&type=host.live")).Count);
        Assert.Equal(3, (await people.EventsAsync("after=0&type=container.unhealthy")).Count);
        Assert.Equal(3, (await people.EventsAsync("after=0&type=container.healthy")).Count);
    }

    [Fact]
    public async Task Defect_14_a_rising_restart_count_is_a_change_that_people_see()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        var web = Containers.Running("web");
        await agent.SyncAsync(web);
        for (var count = 1; count <= 3; count++)
        {
            var answer = await agent.ChangeAsync([web with { RestartCount = count }]);
            Assert.Equal((0, 1, 0), (answer.Summary.Added, answer.Summary.Updated, answer.Summary.Removed));
            Assert.Equal(count, Assert.Single(await server.OnSocket().ContainersAsync()).Container.RestartCount);
        }
    }

    [Fact]
    public async Task Defect_16_no_two_servers_share_a_secret_and_a_lost_one_is_not_made_up()
    {
        await using var one = await ServerFixture.StartAsync();
        await using var other = await ServerFixture.StartAsync();
        Assert.NotEqual(one.AdminToken, other.AdminToken);
        var key = Path.Combine(one.DataDirectory, "server.key");
        Assert.NotEqual(File.ReadAllText(key), File.ReadAllText(Path.Combine(other.DataDirectory, "server.key")));

        await one.EnrollAsync();
        await one.StopAsync();
        File.Delete(key);
        await Assert.ThrowsAsync<ServerStartException>(one.StartAgainAsync);
        Assert.False(File.Exists(key));
    }

    [Fact]
    public async Task Defect_16_a_second_window_of_one_person_takes_nothing_from_the_first()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var person = server.Admin();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await using var first = await SseLines.OpenAsync(person, Stream(), limit.Token);
        await using var second = await SseLines.OpenAsync(person, Stream(), limit.Token);

        await agent.EventsAsync(7, 1, AgentEvents.Of("container.died", "web"));

        Assert.Equal("container.died", (await first.NextAsync()).Type);
        Assert.Equal("container.died", (await second.NextAsync()).Type);
    }

    private static HttpRequestMessage Stream() =>
        new(HttpMethod.Get, $"{Routes.EventStream}?type=container.*");
}
