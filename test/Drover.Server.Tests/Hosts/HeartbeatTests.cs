using System.Net;
using Drover.Testing.Docker;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Server.Tests.Hosts;

public sealed class HeartbeatTests
{
    [Fact]
    public async Task A_host_that_falls_silent_is_late_then_offline_and_live_again_with_its_next_heartbeat()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha");

        await clock.PassAsync(TimeSpan.FromSeconds(39));
        Assert.Equal("live", (await people.HostAsync("alpha")).State);
        await clock.PassAsync(TimeSpan.FromSeconds(2));
        await StateBecomesAsync(clock, people, "late");
        await clock.PassAsync(TimeSpan.FromSeconds(20));
        await StateBecomesAsync(clock, people, "offline");
        Assert.NotNull((await people.HostAsync("alpha")).Reason);

        await agent.HeartbeatAsync();
        Assert.Equal("live", (await people.HostAsync("alpha")).State);
        Assert.Equal(
            ["host.enrolled", "host.live", "host.late", "host.offline", "host.live"],
            (await people.EventsAsync("after=0&type=host.*")).Select(told => told.Type));
    }

    [Fact]
    public async Task A_restart_of_the_server_gives_no_false_offline()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.JoinAsync("alpha");
        await server.StopAsync();
        clock.Advance(TimeSpan.FromMinutes(5));

        await server.StartAgainAsync();

        var people = server.OnSocket();
        await clock.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("live", (await people.HostAsync("alpha")).State);
        await agent.HeartbeatAsync();
        await clock.PassAsync(TimeSpan.FromSeconds(35));
        Assert.DoesNotContain(await people.EventsAsync(), told => told.Type is "host.late" or "host.offline");
    }

    [Fact]
    public async Task A_host_that_said_goodbye_shows_it_at_once_and_raises_no_alarm()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var agent = await server.JoinAsync("alpha");

        await agent.HeartbeatAsync(goodbye: true);

        Assert.Equal("goodbye", (await server.OnSocket().HostAsync("alpha")).State);
        await clock.PassAsync(TimeSpan.FromMinutes(3));
        Assert.Equal("goodbye", (await server.OnSocket().HostAsync("alpha")).State);
    }

    [Theory]
    [InlineData(DockerStates.Down)]
    [InlineData(DockerStates.Hung)]
    public async Task A_stopped_or_hung_Docker_shows_the_host_as_docker_down_and_it_recovers_by_itself(string docker)
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha");

        await agent.HeartbeatAsync(docker);
        Assert.Equal("docker_down", (await people.HostAsync("alpha")).State);
        await agent.HeartbeatAsync();
        Assert.Equal("live", (await people.HostAsync("alpha")).State);
        Assert.Contains(await people.EventsAsync(), told => told.Type == "host.docker_down");
    }

    [Fact]
    public async Task An_idle_fleet_writes_no_rows()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        await agent.SyncAsync(Containers.Running("web"));
        var before = await CommitsAsync(server);

        for (var beat = 0; beat < 20; beat++)
        {
            Assert.False((await agent.HeartbeatAsync()).Resync);
            await agent.SyncAsync(Containers.Running("web"));
        }

        Assert.Equal(before, await CommitsAsync(server));
    }

    [Fact]
    public async Task Hosts_that_fall_silent_together_are_stored_in_one_write()
    {
        const int Hosts = 12;
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        for (var number = 0; number < Hosts; number++)
        {
            await server.JoinAsync($"host-{number}");
        }

        var before = await CommitCountAsync(server);
        await clock.PassAsync(TimeSpan.FromSeconds(41));
        await Eventually.TrueAsync(
            async () => (await people.EventsAsync("after=0&type=host.late")).Count == Hosts,
            "all hosts are late",
            TestContext.Current.CancellationToken);

        Assert.Equal(before + 1, await CommitCountAsync(server));
    }

    [Fact]
    public async Task A_heartbeat_that_names_another_inventory_is_asked_for_a_full_one()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        Assert.False((await agent.HeartbeatAsync()).Resync);

        using var response = await agent.PostAsync(
            Routes.Heartbeat,
            new HeartbeatRequest(agent.Run, ++agent.HeartbeatSeq, "00", DockerStates.Up, 0),
            WireJson.Default.HeartbeatRequest);
        Assert.True((await ServerFixture.ReadAsync(response, WireJson.Default.HeartbeatResponse)).Resync);
    }

    [Fact]
    public async Task Two_machines_with_one_credentials_file_are_seen()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        var clone = agent.Copy(agent.Run + 1000);

        for (var turn = 0; turn < 3; turn++)
        {
            await clone.HeartbeatAsync();
            await agent.HeartbeatAsync();
        }

        Assert.Single(await server.OnSocket().EventsAsync(), told => told.Type == "host.cloned");
    }

    [Fact]
    public async Task A_replayed_heartbeat_is_refused()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha");
        var body = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
            new HeartbeatRequest(agent.Run, ++agent.HeartbeatSeq, null, DockerStates.Up, 0),
            WireJson.Default.HeartbeatRequest);
        var id = Guid.NewGuid().ToString();

        using var first =
            await server.Stranger().SendAsync(
                agent.Sign(HttpMethod.Post, Routes.Heartbeat, body, id), TestContext.Current.CancellationToken);
        using var second =
            await server.Stranger().SendAsync(
                agent.Sign(HttpMethod.Post, Routes.Heartbeat, body, id), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, second.StatusCode);
    }

    [Fact]
    public async Task A_removed_host_is_gone_its_key_opens_nothing_and_its_history_stays()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync("restart", "web");

        using (var removed = await people.DeleteAsync(Routes.Hosts + "/alpha", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.NoContent, removed.StatusCode);
        }

        Assert.Empty(await people.HostsAsync());
        Assert.Empty(await people.ContainersAsync());
        using var refused = await agent.TryHeartbeatAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal("alpha", (await people.CommandAsync(ordered.CommandId)).HostName);
        Assert.Contains(await people.EventsAsync(), told => told.Type == "host.removed");
        await server.RestartAsync();
        Assert.Empty(await server.OnSocket().HostsAsync());
    }

    private static async Task<long> CommitCountAsync(ServerFixture server) => long.Parse(
        (await CommitsAsync(server)).Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task<string> CommitsAsync(ServerFixture server)
    {
        var metrics = await server.OnSocket().GetStringAsync(Routes.Metrics, TestContext.Current.CancellationToken);
        return metrics
            .Split('\n')
            .Single(line => line.StartsWith("drover_server_database_commits ", StringComparison.Ordinal));
    }

    private static Task StateBecomesAsync(FakeClock clock, HttpClient people, string state) => Eventually.TrueAsync(
        async () =>
        {
            await clock.PassAsync(TimeSpan.FromSeconds(1));
            return (await people.HostAsync("alpha")).State == state;
        },
        $"host is {state}",
        TestContext.Current.CancellationToken);
}
