using Drover.Gateway.Activity;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// Requests that come by themselves, of monitors and for icons: they reach an agent that serves and do not keep it
/// awake; of one that does not they get the answer it gave last, or 503, and never wake it.
/// </summary>
internal sealed class QuietRequests(AgentForwarder forwarder, TimeProvider time)
{
    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">Whom it is for.</param>
    /// <param name="kind">What it is.</param>
    /// <param name="isKept">True: the agent's answer is kept for when it sleeps.</param>
    public async Task AnswerAsync(HttpContext context, Route route, WorkKind kind, bool isKept)
    {
        var answers = route.Agent.WaitingRoom.Answers;
        using var keeping = isKept ? AnswerInKeeping.Of(context) : null;
        if (await forwarder.TryForwardAsync(context, route, kind, isUse: false))
        {
            if (keeping is not null
                && context.Features.Get<IForwarderErrorFeature>() is null
                && keeping.Take(time.GetTimestamp()) is { } answer)
            {
                answers.Keep(keeping.Key, answer);
            }

            return;
        }

        if (isKept && answers.Find(context.Request) is { } kept)
        {
            await kept.WriteAsync(context, time);
            return;
        }

        await AgentStatus.Of(route.Agent, time.GetUtcNow()).WriteAsync(context);
    }
}
