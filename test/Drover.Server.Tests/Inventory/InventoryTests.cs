using System.Net;
using System.Text;
using System.Text.Json;
using Drover.Testing.Server;
using Drover.Wire;
using Drover.Wire.Inventory;

namespace Drover.Server.Tests.Inventory;

public sealed class InventoryTests
{
    [Fact]
    public async Task Changes_are_applied_against_the_hash_both_sides_hold()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web", "db");

        var answer = await agent.ChangeAsync(
            [Containers.Running("cache"), Containers.Running("web") with { State = "exited", ExitCode = 1 }],
            Containers.IdOf("db"));

        Assert.Equal(
            ("ok", false, 1, 1, 1),
            (answer.Status, answer.Resync, answer.Summary.Added, answer.Summary.Updated, answer.Summary.Removed));
        var containers = await server.OnSocket().ContainersAsync();
        Assert.Equal(["cache", "web"], containers.Select(row => row.AppCode));
        Assert.Equal("exited", containers[1].Container.State);
        Assert.False((await agent.HeartbeatAsync()).Resync);
    }

    [Fact]
    public async Task A_change_against_another_base_applies_nothing_and_asks_for_a_full_list()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");

        var answer = await agent.InventoryAsync(new InventoryRequest(
            agent.Run, ++agent.InventorySeq, false, "00", "11", null, [Containers.Json(Containers.Running("db"))], []));

        Assert.True(answer.Resync);
        Assert.Equal("web", Assert.Single(await server.OnSocket().ContainersAsync()).AppCode);
        Assert.False((await agent.SyncAsync(Containers.Running("db"))).Resync);
    }

    [Fact]
    public async Task A_full_list_whose_hash_does_not_fit_applies_nothing()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");

        var answer = await agent.InventoryAsync(new InventoryRequest(
            agent.Run, ++agent.InventorySeq, true, null, "11", null, [Containers.Json(Containers.Running("db"))], []));

        Assert.True(answer.Resync);
        Assert.Equal("web", Assert.Single(await server.OnSocket().ContainersAsync()).AppCode);
    }

    [Fact]
    public async Task A_message_that_comes_twice_counts_once()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var old = Containers.Running("old");
        var message = new InventoryRequest(
            agent.Run, ++agent.InventorySeq, true, null, Containers.HashOf([old]), null, [Containers.Json(old)], []);
        await agent.InventoryAsync(message);
        await agent.SyncAsync(Containers.Running("web"));

        var replayed = await agent.InventoryAsync(message);

        Assert.Equal(0, replayed.Summary.Added);
        Assert.Equal("web", Assert.Single(await server.OnSocket().ContainersAsync()).AppCode);
    }

    [Fact]
    public async Task A_host_with_1000_containers_syncs_and_lists()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();

        var answer = await agent.SyncAsync(Containers.Many(1000));

        Assert.Equal((false, 1000), (answer.Resync, answer.Summary.Added));
        Assert.Equal(1000, (await server.OnSocket().ContainersAsync()).Count);
        var changed = await agent.ChangeAsync([Containers.Running("app-0500") with { State = "exited" }]);
        Assert.Equal((false, 1), (changed.Resync, changed.Summary.Updated));
    }

    [Fact]
    public async Task A_hundred_kilobyte_list_is_no_413_as_it_was_for_the_system_before_us()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        var large =
            Containers.Many(200).Select(container => container with { Command = new string('x', 5000) }).ToList();

        Assert.Equal(200, (await agent.SyncAsync(large)).Summary.Added);
    }

    [Fact]
    public async Task A_body_over_the_limit_is_a_413_that_names_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();

        var problem = await agent.SendAsync(HttpMethod.Post, Routes.Heartbeat, new byte[10 * 1024 * 1024])
            .ProblemAsync(HttpStatusCode.RequestEntityTooLarge, Problems.TooLarge);

        Assert.Contains("4096", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_bad_container_never_spoils_the_rest()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        var body = $$"""
            [{{Json(Containers.Running("web"))}}, {"name":"no id"}, 7, null,
             {"dockerId":"abc","name":5,"state":[]}, {{Json(Containers.Running("db"))}}]
            """;

        using var response = await agent.SendAsync(HttpMethod.Post, Routes.Inventory, Encoding.UTF8.GetBytes(body));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(["db", "web"], (await server.OnSocket().ContainersAsync()).Select(row => row.AppCode));
    }

    [Fact]
    public async Task The_plain_array_and_the_list_with_its_host_of_older_agents_are_taken()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.EnrollAsync();

        using var plain = await agent.SendAsync(
            HttpMethod.Post, Routes.Inventory, Encoding.UTF8.GetBytes($"[{Json(Containers.Running("web"))}]"));
        Assert.Equal(1, (await ServerFixture.ReadAsync(plain, WireJson.Default.InventoryResponse)).Summary.Added);

        var body =
            $$"""{"host":{"ipAddress":"10.0.0.7","cpuCount":4},"containers":[{{Json(Containers.Running("db"))}}]}""";
        using var withHost = await agent.SendAsync(HttpMethod.Post, Routes.Inventory, Encoding.UTF8.GetBytes(body));
        var summary = (await ServerFixture.ReadAsync(withHost, WireJson.Default.InventoryResponse)).Summary;

        Assert.Equal((1, 1), (summary.Added, summary.Removed));
        var host = await people.HostAsync("alpha");
        Assert.Equal(("10.0.0.7", 4), (host.Facts?.IpAddress, host.Facts?.CpuCount));
    }

    [Fact]
    public async Task A_removed_container_takes_no_history_with_it()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync("restart", "web");
        await agent.EventsAsync(1, 1, AgentEvents.Of("container.died", "web"));

        await agent.SyncAsync();

        Assert.Empty(await people.ContainersAsync());
        Assert.Equal("web", (await people.CommandAsync(ordered.CommandId)).AppCode);
        Assert.Contains(await people.EventsAsync(), told => told.Type == "container.died");
    }

    [Fact]
    public async Task A_field_that_this_version_does_not_know_counts_in_the_hash_and_survives_a_restart()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();
        var container = JsonSerializer.Deserialize(
            Json(Containers.Running("web")).TrimEnd('}') + ""","newField":{"b":1,"a":[1,2]}}""",
            WireJson.Default.JsonElement);
        var hash = InventoryHash.Of([KeyValuePair.Create(Containers.IdOf("web"), InventoryHash.Digest(container))]);

        var answer =
            await agent.InventoryAsync(new InventoryRequest(agent.Run, 1, true, null, hash, null, [container], []));
        Assert.False(answer.Resync);
        await server.RestartAsync();
        agent.ClockOffset = TimeSpan.FromSeconds(2);
        answer = await agent.InventoryAsync(new InventoryRequest(agent.Run, 2, false, hash, hash, null, [], []));
        Assert.False(answer.Resync);
    }

    [Fact]
    public async Task A_broken_body_is_a_400_that_says_where()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.EnrollAsync();

        var problem = await agent.SendAsync(HttpMethod.Post, Routes.Inventory, "[\n{\"dockerId\": }]"u8.ToArray())
            .ProblemAsync(HttpStatusCode.BadRequest, Problems.InvalidRequest);

        Assert.Contains("line 2", problem.Detail, StringComparison.Ordinal);
    }

    private static string Json(ContainerDto container) =>
        JsonSerializer.Serialize(container, WireJson.Default.ContainerDto);
}
