using Drover.Testing.Server;
using Drover.Wire.Agents;

namespace Drover.Server.Tests.Hosts;

/// <summary>A gateway that enrolled: an enrolled role that tells of agents.</summary>
public sealed class GatewayTests
{
    [Fact]
    public async Task Its_events_have_it_as_their_source_and_only_its_own_are_its_to_tell()
    {
        await using var server = await ServerFixture.StartAsync();
        var gateway = await server.EnrollAsync("edge", AgentKinds.Gateway);
        var supervisor = await server.EnrollAsync("box-supervisor", AgentKinds.Supervisor);
        var people = server.OnSocket();
        var before = await people.EventsAsync();

        var accepted = await gateway.EventsAsync(
            7,
            1,
            AgentEvents.Of("agent.wake", "dutybound"),
            AgentEvents.Of("restart.exhausted", "dutybound"),
            AgentEvents.Of("restart.scheduled", "dutybound"),
            AgentEvents.Of("component.exited", "web"),
            AgentEvents.Of("host.removed", "beta"),
            AgentEvents.Of("alert.loss", "events"));
        await supervisor.EventsAsync(7, 1, AgentEvents.Of("agent.sleep", "dutybound"));

        Assert.Equal(6, accepted.AcceptedThrough);
        var told = (await people.EventsAsync()).Skip(before.Count).ToList();
        Assert.Equal(["agent.wake", "restart.exhausted", "alert.loss"], told.Select(one => one.Type));
        Assert.All(told, one => Assert.Equal("/gateways/edge", one.Source));
    }
}
