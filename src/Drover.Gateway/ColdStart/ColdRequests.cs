using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Routing;
using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// Requests that find their agent not serving: each wakes the agent and is told so at once, or is held until the agent
/// serves and then forwarded as it came, or gets a page that waits in its place.
/// </summary>
internal sealed class ColdRequests(
    AgentForwarder forwarder, Routes routes, TimeProvider time, CancellationToken ending)
{
    /// <summary>Answers one request, by the agent if it can be.</summary>
    public async Task AnswerAsync(HttpContext context, Route route, ColdStartSpec spec, WorkKind kind)
    {
        var client = ColdClient.Of(context.Request, spec, kind);
        if (client.TakesPage && JustFailed(route.Agent) is { } failure)
        {
            var pause = WaitingPage.FailureIsShown - SinceChange(route.Agent.View);
            await WaitingPage.WriteAsync(context, failure, spec.StatusPath, pause);
            return;
        }

        var request = new ColdRequest(context, route, spec, kind, forwarder, routes, time);
        if (await request.ReachAsync(client, ending) is not { } status)
        {
            return;
        }

        if (client.TakesPage)
        {
            await WaitingPage.WriteAsync(context, status, spec.StatusPath, WaitingPage.FailureIsShown);
            return;
        }

        await status.WriteAsync(context);
    }

    private AgentStatus? JustFailed(AgentSeat seat)
    {
        var view = seat.View;
        return view.Backend is null
            && SinceChange(view) < WaitingPage.FailureIsShown
            && !seat.WaitingRoom.HasAsked(view)
            && AgentStatus.Of(seat.Name, view, time.GetUtcNow()) is { HasFailed: true } status
                ? status
                : null;
    }

    private TimeSpan SinceChange(AgentView view) => time.GetUtcNow() - view.Since;
}
