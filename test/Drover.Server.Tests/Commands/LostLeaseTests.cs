using Drover.Testing.Server;
using Drover.Testing.Time;
using Drover.Wire.Commands;

namespace Drover.Server.Tests.Commands;

public sealed class LostLeaseTests
{
    [Fact]
    public async Task Polls_that_found_the_queue_empty_and_wait_are_each_woken_by_a_lost_lease()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        string[] ordered =
        [
            (await people.OrderAsync(CommandTypes.Restart, "web")).CommandId,
            (await people.OrderAsync(CommandTypes.Health, "web")).CommandId,
        ];
        foreach (var commandId in ordered)
        {
            Assert.Equal(commandId, (await agent.WaitAsync()).Item?.CommandId);
        }


        // Both leases run 60 s; the polls begin behind 40 of them and would wait 60 themselves.
        await clock.PassAsync(TimeSpan.FromSeconds(40));
        Task<CommandDto?>[] polls = [clock.PollAsync(agent, 60), clock.PollAsync(agent, 60)];
        var given = await Task.WhenAll(polls);

        Assert.Equal(ordered.Order(), given.Select(command => command?.CommandId).Order());
        foreach (var commandId in ordered)
        {
            Assert.Equal(2, (await people.CommandAsync(commandId)).Attempts);
        }
    }

    [Fact]
    public async Task A_poll_for_looks_alone_that_finds_none_hides_no_action_from_the_poll_for_all()
    {
        var clock = new FakeClock();
        await using var server = await ServerFixture.StartAsync(clock);
        var people = server.OnSocket();
        var agent = await server.JoinAsync("alpha", "web");
        var ordered = await people.OrderAsync(CommandTypes.Restart, "web");
        await agent.WaitAsync();

        // As an agent whose hands are full of actions asks, while the lease of one of them is lost.
        await clock.PassAsync(TimeSpan.FromSeconds(40));
        Assert.Null(await clock.PollAsync(agent, 40, WaitScopes.Looks));

        Assert.Equal(ordered.CommandId, (await clock.PollAsync(agent, 5))?.CommandId);
    }
}
