using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Commands;

/// <summary>The server's wall clock is set while commands wait, are held and run.</summary>
public sealed class ClockJumpTests
{
    [Fact]
    public async Task A_clock_set_forward_by_a_day_expires_no_command_and_takes_no_lease_away()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var held = await people.OrderAsync(CommandTypes.Restart, "web");
        var waiting = await people.OrderAsync(CommandTypes.Restart, "web");
        var taken = (await agent.WaitAsync()).Item!;
        await PassReportGraceAsync(clock, agent, [held.CommandId]);

        clock.JumpWallClock(TimeSpan.FromHours(26));
        await clock.PassAsync(TimeSpan.FromSeconds(5));

        Assert.Equal(held.CommandId, taken.CommandId);
        Assert.Equal(CommandStates.Leased, (await people.CommandAsync(held.CommandId)).Status);
        Assert.Empty((await agent.RenewAsync([held.CommandId])).Lost);
        Assert.Equal(waiting.CommandId, (await clock.PollAsync(agent, timeout: 5))?.CommandId);
        await agent.ReportSuccessAsync(taken);
        Assert.Equal(CommandStates.Completed, (await people.CommandAsync(held.CommandId)).Status);
        Assert.Empty(await people.EventsAsync("after=0&type=command.expired"));
    }

    [Fact]
    public async Task A_poll_that_looked_while_the_clock_was_ahead_leaves_no_command_lying()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        clock.JumpWallClock(TimeSpan.FromHours(26));

        Assert.Equal(ordered.CommandId, (await clock.PollAsync(agent, timeout: 5))?.CommandId);
    }

    [Fact]
    public async Task A_clock_set_back_gives_a_lost_lease_out_again_in_time()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        await agent.WaitAsync();
        await clock.PassAsync(TimeSpan.FromSeconds(2));

        clock.JumpWallClock(TimeSpan.FromHours(-5));
        await clock.PassAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(CommandStates.Leased, (await people.CommandAsync(ordered.CommandId)).Status);
        await clock.PassAsync(TimeSpan.FromSeconds(32));

        await clock.StateBecomesAsync(people, ordered.CommandId, CommandStates.Queued);
        Assert.Equal(ordered.CommandId, (await clock.PollAsync(agent, timeout: 5))?.CommandId);
    }

    [Fact]
    public async Task A_clock_set_back_while_the_server_was_away_keeps_no_lease_for_years()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        await agent.WaitAsync();
        await server.StopAsync();
        clock.JumpWallClock(TimeSpan.FromDays(-3650));

        await server.StartAgainAsync();
        people = server.OnSocket();
        await clock.PassAsync(TimeSpan.FromSeconds(65));

        await clock.StateBecomesAsync(people, ordered.CommandId, CommandStates.Queued);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task No_jump_of_the_servers_clock_makes_a_host_late_or_offline(int hours)
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");

        clock.JumpWallClock(TimeSpan.FromHours(hours));

        for (var beat = 0; beat < 4; beat++)
        {
            await clock.PassAsync(TimeSpan.FromSeconds(30));
            await agent.HeartbeatAsync();
        }

        Assert.Equal("live", (await people.HostAsync("alpha")).State);
        Assert.DoesNotContain(
            await people.EventsAsync("after=0&type=host.*"), told => told.Type is "host.late" or "host.offline");
    }

    /// <summary>Deadlines count only this long after the server's start; the host is heard and renews
    /// meanwhile.</summary>
    private static async Task PassReportGraceAsync(FakeClock clock, ScriptedAgent agent, IReadOnlyList<string> held)
    {
        for (var beat = 0; beat < 11; beat++)
        {
            await clock.PassAsync(TimeSpan.FromSeconds(28));
            await agent.HeartbeatAsync();
            Assert.Empty((await agent.RenewAsync(held)).Lost);
        }
    }
}
