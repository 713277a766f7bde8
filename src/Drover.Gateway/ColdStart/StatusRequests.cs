using Drover.Gateway.Agents;
using Drover.Gateway.Answers;
using Drover.Runtime.Events;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// The status path of a managed agent: what it is doing, once, or as server-sent events for as long as somebody reads.
/// Asking neither wakes the agent nor keeps it awake. Pages of any origin may read it, never with credentials.
/// </summary>
internal sealed class StatusRequests(TimeProvider time, CancellationToken ending)
{
    private const string EventType = "status";
    private const string Reads = "GET, HEAD, OPTIONS";
    private const string PreflightAge = "600";

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext context, AgentSeat seat)
    {
        var request = context.Request;
        if (HttpMethods.IsOptions(request.Method))
        {
            Permit(context.Response);
        }
        else if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            await GatewayProblem.StatusIsRead(request.Method, Reads).WriteAsync(context);
        }
        else if (ColdClient.TakesEvents(request) && seat.WaitingRoom.TryRead())
        {
            try
            {
                await StreamAsync(context, seat);
            }
            finally
            {
                seat.WaitingRoom.EndRead();
            }
        }
        else
        {
            await AgentStatus.Of(seat, time.GetUtcNow()).WriteAsync(context);
        }
    }

    private static void Permit(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status204NoContent;
        response.Headers.Allow = Reads;
        response.Headers.CacheControl = "no-store";
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlAllowMethods = Reads;
        response.Headers.AccessControlAllowHeaders = "*";
        response.Headers.AccessControlMaxAge = PreflightAge;
    }

    private async Task StreamAsync(HttpContext context, AgentSeat seat)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, ending);
        var response = context.Response;
        AgentStatus.Of(seat, time.GetUtcNow()).Describe(response);
        response.StatusCode = StatusCodes.Status200OK;
        response.Headers.RetryAfter = default;
        response.ContentType = ServerSentEvents.ContentType;

        // What stands between (nginx) passes each event on as it comes.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var events = new ServerSentEvents(response.BodyWriter);
        try
        {
            await TellAsync(events, seat, enough.Token);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // The gateway ends, and so does the stream; its reader comes again by itself.
        }
    }

    private async Task TellAsync(ServerSentEvents events, AgentSeat seat, CancellationToken cancellationToken)
    {
        AgentStatus? told = null;
        while (true)
        {
            var next = seat.NextView;
            var status = AgentStatus.Of(seat, time.GetUtcNow());
            if (status.Body != told?.Body)
            {
                events.Add(null, EventType, status.ToJson());
                told = status;
            }
            else
            {
                events.AddComment("still there");
            }

            if (!await events.FlushAsync(cancellationToken))
            {
                return;
            }

            await next.WithinAsync(ServerSentEvents.KeepAlive, time, cancellationToken);
        }
    }
}
