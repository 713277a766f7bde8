using System.Net;
using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;
using Drover.Wire.People;

namespace Drover.Server.Tests.Commands;

/// <summary>Hosts that say what is not so, say it twice, or say it too late.</summary>
public sealed class LyingHostTests
{
    [Theory]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1, long.MaxValue)]
    [InlineData(0, 0)]
    [InlineData(-1, -1)]
    [InlineData(long.MinValue, long.MinValue)]
    public async Task A_host_that_lies_about_sequence_numbers_harms_itself_alone_and_a_later_run_of_it_is_heard(
        long run, long seq)
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var honest = await server.JoinAsync("honest", "web");
        var liar = await server.JoinAsync("liar", "api");

        await SendEverythingAsync(liar, run, seq);

        // Whatever it did to its own counters: the other one is not touched, and so is none of the server's.
        await honest.HeartbeatAsync();
        var told = await honest.EventsAsync(honest.Run, 1, AgentEvents.Of("container.died", "web"));
        Assert.Equal(1, told.AcceptedThrough);
        Assert.Equal("live", (await people.HostAsync("honest")).State);
        Assert.Equal(2, (await people.ContainersAsync()).Count);

        // An older run is believed again when the claimed one has been silent for longer than any stamp lives.
        await clock.PassAsync(TimeSpan.FromSeconds(620));
        await liar.HeartbeatAsync();
        await liar.SyncAsync(Containers.Running("api"), Containers.Running("more"));
        Assert.Equal("live", (await people.HostAsync("liar")).State);
        Assert.Equal(3, (await people.ContainersAsync()).Count);
    }

    [Fact]
    public async Task Reports_out_of_order_and_doubled_each_end_their_own_command_once()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = new List<string>();
        var taken = new List<CommandDto>();
        for (var count = 0; count < 3; count++)
        {
            ordered.Add((await people.OrderAsync(CommandTypes.Restart, "web")).CommandId);
            taken.Add((await agent.WaitAsync()).Item!);
        }

        foreach (var command in (CommandDto[])[taken[2], taken[0], taken[2], taken[1], taken[0]])
        {
            Assert.Equal(CommandStates.Completed, (await agent.ReportSuccessAsync(command)).Item.Message);
        }

        Assert.Equal(
            [ordered[2], ordered[0], ordered[1]],
            (await people.EventsAsync("after=0&type=command.completed")).Select(CommandOf));
    }

    [Fact]
    public async Task A_report_of_a_command_that_was_never_ordered_is_refused_and_changes_nothing()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var first = await people.OrderAsync(CommandTypes.Restart, "web");
        var leased = (await agent.WaitAsync()).Item!;

        await agent.TryReportAsync(agent.Success(leased with { CommandId = "cmd_never" }))
            .ProblemAsync(HttpStatusCode.NotFound, Problems.NotFound);
        Assert.Equal(CommandStates.Leased, (await people.CommandAsync(first.CommandId)).Status);
    }

    [Fact]
    public async Task A_report_that_comes_after_its_command_expired_is_the_outcome_once()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        var taken = (await agent.WaitAsync()).Item!;

        // Heard all the time and silent about the command: the server gives it up at its deadline.
        for (var beat = 0; beat < 24; beat++)
        {
            await clock.PassAsync(TimeSpan.FromSeconds(28));
            await agent.HeartbeatAsync();
            await agent.RenewAsync([ordered.CommandId]);
        }

        Assert.Equal(CommandStates.Expired, (await people.CommandAsync(ordered.CommandId)).Status);
        Assert.Equal(CommandStates.Completed, (await agent.ReportSuccessAsync(taken)).Item.Message);
        Assert.Equal(CommandStates.Completed, (await agent.ReportSuccessAsync(taken)).Item.Message);
        Assert.Equal(CommandStates.Completed, (await people.CommandAsync(ordered.CommandId)).Status);
        Assert.Single(await people.EventsAsync("after=0&type=command.completed"));
    }

    [Fact]
    public async Task A_deadline_that_passes_while_its_host_is_offline_expires_nothing_and_the_report_is_taken_later()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        var taken = (await agent.WaitAsync()).Item!;

        await clock.PassAsync(TimeSpan.FromMinutes(30));

        Assert.Equal("offline", (await people.HostAsync("alpha")).State);
        Assert.Equal(CommandStates.Queued, (await people.CommandAsync(ordered.CommandId)).Status);
        Assert.Empty(await people.EventsAsync("after=0&type=command.expired"));
        await agent.HeartbeatAsync();
        Assert.Equal(CommandStates.Completed, (await agent.ReportSuccessAsync(taken)).Item.Message);
        Assert.Equal(CommandStates.Completed, (await people.CommandAsync(ordered.CommandId)).Status);
    }

    [Fact]
    public async Task An_order_for_a_host_that_was_removed_meanwhile_is_refused_and_leaves_nothing()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        await server.JoinAsync("alpha", "web");
        using var removed = await people.DeleteAsync(
            Routes.Hosts + "/alpha", TestContext.Current.CancellationToken);
        Assert.True(removed.IsSuccessStatusCode);

        await people.TryOrderAsync(CommandTypes.List, null, host: "alpha")
            .ProblemAsync(HttpStatusCode.NotFound, Problems.NotFound);
        await people.TryOrderAsync(CommandTypes.Restart, "web")
            .ProblemAsync(HttpStatusCode.NotFound, Problems.AppUnknown);
        Assert.Empty(await people.EventsAsync("after=0&type=command.*"));
    }

    [Fact]
    public async Task Orders_that_race_with_the_removal_of_their_host_leave_no_command_without_an_end()
    {
        await using var server = await ServerFixture.StartAsync();
        var people = server.OnSocket();
        for (var round = 0; round < 12; round++)
        {
            await server.JoinAsync($"host-{round}", $"app-{round}");
            var orders = Enumerable.Range(0, 8)
                .Select(_ => people.TryOrderAsync(CommandTypes.Restart, $"app-{round}"))
                .ToList();
            using var removed = await people.DeleteAsync(
                $"{Routes.Hosts}/host-{round}", TestContext.Current.CancellationToken);
            Assert.True(removed.IsSuccessStatusCode);
            foreach (var answer in await Task.WhenAll(orders))
            {
                Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.NotFound);
                answer.Dispose();
            }
        }

        var commands = await ServerFixture.GetAsync(
            people, $"{Routes.Commands}?limit=500", WireJson.Default.PageCommandDto);
        Assert.All(commands.Items, command => Assert.Equal(CommandStates.Cancelled, command.Status));
    }

    private static async Task SendEverythingAsync(ScriptedAgent liar, long run, long seq)
    {
        var (honestRun, beats) = (liar.Run, liar.HeartbeatSeq);
        (liar.Run, liar.HeartbeatSeq) = (run, unchecked(seq - 1));
        using (var beat = await liar.TryHeartbeatAsync())
        {
            Assert.InRange((int)beat.StatusCode, 200, 499);
        }

        var api = Containers.Running("api");
        using var inventory = await liar.PostAsync(
            Routes.Inventory,
            new InventoryRequest(run, seq, true, null, Containers.HashOf([api]), null, [Containers.Json(api)], []),
            WireJson.Default.InventoryRequest);
        Assert.InRange((int)inventory.StatusCode, 200, 499);
        using var events = await liar.PostAsync(
            Routes.AgentEvents,
            new AgentEventsRequest(run, seq, [AgentEvents.Of("container.died", "api")]),
            WireJson.Default.AgentEventsRequest);
        Assert.InRange((int)events.StatusCode, 200, 499);
        (liar.Run, liar.HeartbeatSeq) = (honestRun, beats);
    }

    private static string? CommandOf(EventDto told) =>
        told.Data?.GetProperty("command_id").GetString();
}
