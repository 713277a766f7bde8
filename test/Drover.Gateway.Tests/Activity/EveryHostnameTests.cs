using Drover.Gateway.Agents;
using Drover.Gateway.Tests.Rig;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Tests.Activity;

/// <summary>An agent is used whatever it was called by.</summary>
public sealed class EveryHostnameTests
{
    [Fact]
    public async Task Defect_12_work_under_any_hostname_of_an_agent_is_work_of_the_agent()
    {
        using var next = new SemaphoreSlim(0);
        await using var agent = await PlayedAgent.StartAsync(async context =>
        {
            await context.Response.WriteAsync("begin ", context.RequestAborted);
            await next.WaitAsync(context.RequestAborted);
        });
        await using var rig = await GatewayRig.StartAsync(
            GatewayRig.Agent(agent.Origin, "scout", "scout.test", "also.test", "*.scout.test"));
        var seat = rig.Role.Agents.Find("scout")!;

        string[] names = ["scout.test", "also.test", "any.scout.test", "ALSO.test.:80"];
        var open = new List<HttpResponseMessage>();
        foreach (var name in names)
        {
            open.Add(await rig.GetAsync("/", name));
            Assert.Equal(open.Count, seat.Activity.Open);
        }

        next.Release(names.Length);
        foreach (var answer in open)
        {
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            answer.Dispose();
        }

        await WaitForAsync(seat);
    }

    /// <summary>The last byte is with the client a moment before the work ends.</summary>
    private static Task WaitForAsync(AgentSeat seat) => Drover.Testing.Docker.Eventually.TrueAsync(
        () => Task.FromResult(seat.Activity.Open == 0),
        "nothing is open",
        TestContext.Current.CancellationToken);
}
