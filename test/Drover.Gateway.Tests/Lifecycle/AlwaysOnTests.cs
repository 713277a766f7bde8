using System.Diagnostics;
using System.Net;
using Drover.Core.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Lifecycle;
using Drover.Gateway.Tests.Rig;

namespace Drover.Gateway.Tests.Lifecycle;

/// <summary>Agents that Swarm alone starts, over a whole gateway: watched, served, never touched.</summary>
public sealed class AlwaysOnTests
{
    [Fact]
    public async Task Nothing_is_ever_ordered_for_an_always_on_agent_whatever_happens_to_it()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        var service = swarm.Add("scout", replicas: 1);
        await using (var gateway = await StartAsync(swarm, agent.Origin))
        {
            var seat = gateway.Role.Agents.Find("scout")!;
            seat.Life!.Wake(WakeCause.Request);
            seat.Life.Wake(WakeCause.Operator);
            Assert.IsType<SleepOutcome.Refused>(await SleepAsync(seat.Life, SleepCause.Operator));
            Assert.IsType<SleepOutcome.Refused>(await SleepAsync(seat.Life, SleepCause.Capacity));
            seat.Life.ConnectFailed(seat.View.Backend!);

            service.Fail("task: non-zero exit (1)");
            await seat.UntilAsync(AgentState.Degraded);
            using (var failed = await gateway.GetAsync("/"))
            {
                Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
            }

            service.BringAnother();
            service.Start();
            await seat.UntilAsync(AgentState.Ready);
            service.Scale(0);
            await seat.UntilAsync(view => view.ReasonCode == AgentReasons.ScaledDown);
            seat.Life.Wake(WakeCause.Operator);
            service.Freeze(true);
            service.Scale(1);
            await seat.UntilAsync(AgentState.Ready);
            service.Remove();
            await seat.UntilAsync(view => view.ReasonCode == AgentReasons.NoService);
        }

        Assert.Empty(swarm.Orders);
    }

    [Fact]
    public async Task A_gateway_that_starts_again_answers_for_a_healthy_agent_with_its_first_request()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        swarm.Add("scout", replicas: 1);
        for (var start = 0; start < 3; start++)
        {
            await using var gateway = await StartAsync(swarm, agent.Origin);
            using var response = await gateway.GetAsync("/");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task A_dead_task_is_503_with_its_reason_within_100_ms()
    {
        await using var agent = await PlayedAgent.EchoAsync();
        var swarm = new PlayedSwarm();
        var service = swarm.Add("scout", replicas: 1);
        await using var gateway = await StartAsync(swarm, agent.Origin);
        var seat = gateway.Role.Agents.Find("scout")!;
        var best = TimeSpan.MaxValue;
        for (var round = 0; round < 5; round++)
        {
            Assert.Equal(AgentState.Ready, seat.View.State);
            var start = Stopwatch.GetTimestamp();
            service.Fail("task: non-zero exit (139)");
            var view = await seat.UntilAsync(AgentState.Degraded);
            var took = Stopwatch.GetElapsedTime(start);
            best = took < best ? took : best;
            Assert.Contains("non-zero exit (139)", view.Reason, StringComparison.Ordinal);
            using var response = await gateway.GetAsync("/");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Contains(
                "non-zero exit (139)",
                await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                StringComparison.Ordinal);
            service.BringAnother();
            service.Start();
            await seat.UntilAsync(AgentState.Ready);
        }

        // The best of five: what the machine does besides is not the gateway's.
        Assert.True(best < TimeSpan.FromMilliseconds(100), $"it took {best}");
    }

    [Fact]
    public async Task An_address_where_nobody_listens_makes_Swarm_be_asked_at_once_and_the_agent_degraded()
    {
        var swarm = new PlayedSwarm();
        Uri origin;
        await using (var gone = await PlayedAgent.EchoAsync())
        {
            origin = gone.Origin;
        }

        swarm.Add("scout", replicas: 1);
        await using var gateway = await StartAsync(swarm, origin);
        var seat = gateway.Role.Agents.Find("scout")!;
        Assert.Equal(AgentState.Ready, seat.View.State);

        using var response = await gateway.GetAsync("/");
        var view = await seat.UntilAsync(AgentState.Degraded);

        Assert.Equal(AgentReasons.Unhealthy, view.ReasonCode);
        Assert.DoesNotContain("127.0.0.1", view.Reason, StringComparison.Ordinal);
    }

    private static Task<SleepOutcome> SleepAsync(IAgentLife life, SleepCause cause) =>
        life.SleepAsync(cause, TestContext.Current.CancellationToken);

    private static Task<GatewayRig> StartAsync(PlayedSwarm swarm, Uri origin) => GatewayRig.StartAsync(
        new GatewayDocument { Agents = [GatewayRig.Service(origin, AgentPolicy.AlwaysOn)] }, swarm: swarm);
}
