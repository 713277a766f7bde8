using Drover.Testing.Server;
using Drover.Wire.Commands;

namespace Drover.Server.Tests;

public sealed class OneHostTests
{
    [Fact]
    public async Task A_new_host_comes_online_its_containers_appear_and_an_ordered_restart_is_reported()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web", "db");

        var host = Assert.Single(await people.HostsAsync());
        Assert.Equal(("alpha", "live", 2, 2), (host.Name, host.State, host.Containers, host.Running));
        Assert.Equal(["db", "web"], (await people.ContainersAsync()).Select(row => row.AppCode));

        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        Assert.Equal(CommandStates.Queued, ordered.Status);
        var leased = (await agent.WaitAsync()).Item;
        Assert.Equal(ordered.CommandId, leased?.CommandId);
        Assert.Equal(CommandStates.Leased, leased?.Status);
        await agent.RenewAsync([ordered.CommandId], executing: [ordered.CommandId]);
        Assert.Equal(CommandStates.Executing, (await people.CommandAsync(ordered.CommandId)).Status);
        await agent.ReportSuccessAsync(leased!);

        var ended = await people.CommandAsync(ordered.CommandId, wait: 10);
        Assert.Equal(CommandStates.Completed, ended.Status);
        Assert.Equal("running", ended.Result?.GetProperty("container_state").GetString());
        Assert.NotNull(ended.CompletedAt);
        Assert.Equal(
            ["command.queued", "command.leased", "command.completed"],
            (await people.EventsAsync("after=0&type=command.*")).Select(told => told.Type));
    }

    [Fact]
    public async Task Everything_that_was_accepted_is_there_after_a_restart()
    {
        await using var server = await ServerFixture.StartAsync();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await server.OnSocket().OrderAsync(CommandTypes.Restart, "web");
        var before = await server.OnSocket().EventsAsync();

        await server.RestartAsync();

        var people = server.OnSocket();
        Assert.Equal("alpha", Assert.Single(await people.HostsAsync()).Name);
        Assert.Equal("web", Assert.Single(await people.ContainersAsync()).AppCode);
        Assert.Equal(
            before.Select(told => told.Id), (await people.EventsAsync()).Select(told => told.Id).Take(before.Count));
        agent.ClockOffset = TimeSpan.FromSeconds(2);
        Assert.Equal(ordered.CommandId, (await agent.WaitAsync()).Item?.CommandId);
        Assert.Null(server.Role.FirstRun);
    }
}
