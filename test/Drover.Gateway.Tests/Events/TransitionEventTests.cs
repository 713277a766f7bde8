using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Tests.Rig;
using Drover.Runtime.Events.Webhooks;
using Drover.Testing.Network;

namespace Drover.Gateway.Tests.Events;

/// <summary>The life of an agent as those hear it who are told of events.</summary>
public sealed class TransitionEventTests
{
    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Fact]
    public async Task There_is_a_structured_event_for_every_state_transition()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        await using var receiver = await PlayedReceiver.StartAsync(0, Ending);
        var swarm = new PlayedSwarm();
        swarm.Add("scout");
        var document = new GatewayDocument
        {
            Agents = [GatewayRig.Service(agent.Origin)],
            Webhooks = [new WebhookSpec { Name = "ops", Url = receiver.Address }],
        };
        await using var gateway = await GatewayRig.StartAsync(document, swarm: swarm);
        var seat = gateway.Role.Agents.Find("scout")!;
        Assert.Equal(AgentState.Sleeping, seat.View.State);

        seat.Life!.Wake(WakeCause.Request);
        await seat.UntilAsync(AgentState.Ready);
        await seat.Life.SleepAsync(SleepCause.Operator, Ending);
        await seat.UntilAsync(AgentState.Sleeping);
        swarm.Service("scout").IsSlow = true;
        seat.Life.Wake(WakeCause.Operator);
        await swarm.Service("scout").UntilComingAsync();
        swarm.Service("scout").Fail("No such image: scout:latest", exitCode: null);
        await seat.UntilAsync(AgentState.Degraded);
        await receiver.WaitForAsync(8, Ending);

        Assert.Equal(
            [
                "agent.sleep", "agent.wake", "agent.starting", "agent.ready",
                "agent.sleep", "agent.wake", "agent.starting", "agent.degraded",
            ],
            receiver.All.Take(8).Select(one => one.Json.GetProperty("type").GetString()));
        Assert.All(receiver.All, one => Assert.Equal("scout", one.Json.GetProperty("subject").GetString()));
        Assert.Equal("request", receiver.All[1].Json.GetProperty("data").GetProperty("cause").GetString());
        Assert.Contains(
            "No such image", receiver.All[7].Json.GetProperty("data").GetProperty("message").GetString());
        Assert.Equal(
            Enumerable.Range(1, 8).Select(number => $"{gateway.Role.Events.Feed.Newest.Run}-{number}"),
            receiver.Ids.Take(8));
    }
}
