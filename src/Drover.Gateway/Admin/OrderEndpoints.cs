using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Answers;
using Drover.Gateway.Lifecycle;
using Drover.Runtime.Events;
using Drover.Runtime.Requests;
using Drover.Wire;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Admin;

/// <summary>What operators order of agents.</summary>
internal static class OrderEndpoints
{
    private const int LongestWait = 25;
    private const int UsualWait = 5;

    public static async Task WakeAsync(AdminCall call)
    {
        var wait = WaitOf(call);
        if (AgentEndpoints.Find(call) is not { } seat)
        {
            await AgentEndpoints.Missing(call).WriteAsync(call.Context);
            return;
        }

        if (LifeOf(seat, "wake", out var life) is { } objection)
        {
            await objection.WriteAsync(call.Context);
            return;
        }

        var before = seat.View;
        var change = seat.NextView;
        life!.Wake(WakeCause.Operator);
        var view = await OutcomeAsync(seat, before, change, wait, call);
        if (view.State is AgentState.Degraded && view != before)
        {
            await Failed(seat, "wake", view.Reason).WriteAsync(call.Context);
            return;
        }

        await AnswerAsync(call, seat, view.State is AgentState.Ready);
    }

    public static async Task SleepAsync(AdminCall call)
    {
        var wait = WaitOf(call);
        if (AgentEndpoints.Find(call) is not { } seat)
        {
            await AgentEndpoints.Missing(call).WriteAsync(call.Context);
            return;
        }

        if (LifeOf(seat, "put to sleep", out var life) is { } objection)
        {
            await objection.WriteAsync(call.Context);
            return;
        }

        var order = call.Desk.Orders.GiveAsync(seat, life!);
        if (!await order.WithinAsync(wait, call.Desk.Time, call.Context.RequestAborted))
        {
            await AnswerAsync(call, seat, isDone: false);
            return;
        }

        if (await order is SleepOutcome.Refused refused)
        {
            await Failed(seat, "put to sleep", refused.Reason).WriteAsync(call.Context);
            return;
        }

        await AnswerAsync(call, seat, isDone: true);
    }

    /// <summary>
    /// The view once the wake is over, or when the wait is. What was so before the order is not its outcome, but for an
    /// agent that serves.
    /// </summary>
    private static async Task<AgentView> OutcomeAsync(
        AgentSeat seat, AgentView before, Task change, TimeSpan wait, AdminCall call)
    {
        var began = call.Desk.Time.GetTimestamp();
        while (true)
        {
            var view = seat.View;
            var left = wait - call.Desk.Time.GetElapsedTime(began);
            if (view.State is AgentState.Ready
                || (view.State is AgentState.Degraded && view != before)
                || left <= TimeSpan.Zero
                || !await change.WithinAsync(left, call.Desk.Time, call.Context.RequestAborted))
            {
                return seat.View;
            }

            change = seat.NextView;
        }
    }

    private static GatewayProblem? LifeOf(AgentSeat seat, string order, out IAgentLife? life)
    {
        life = seat.Life;
        var policy = seat.Document.Policy;
        return (policy, life) switch
        {
            (AgentPolicy.OnDemand, not null) => null,
            (AgentPolicy.AlwaysOn, _) => Failed(
                seat, order, "its policy is always_on: Swarm alone starts and stops it"),
            _ => Failed(seat, order, "its policy is unmanaged: the gateway only forwards to it"),
        };
    }

    private static GatewayProblem Failed(AgentSeat seat, string order, string? reason) =>
        GatewayProblem.Conflict($"cannot {order} the agent \"{seat.Name}\": {reason ?? "nobody knows why"}");

    private static Task AnswerAsync(AdminCall call, AgentSeat seat, bool isDone) => AdminAnswer.WriteAsync(
        call.Context,
        AgentListing.Detail(seat, call.Desk),
        WireJson.Default.GatewayAgentDetailDto,
        isDone ? StatusCodes.Status200OK : StatusCodes.Status202Accepted);

    private static TimeSpan WaitOf(AdminCall call) => TimeSpan.FromSeconds(
        new QueryReader(call.Context, "wait").Number("wait", 0, LongestWait) ?? UsualWait);
}
