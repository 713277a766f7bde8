using Drover.Gateway.Answers;
using Drover.Gateway.ColdStart;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Metrics;
using Drover.Gateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Hosting;

/// <summary>
/// Every request of the public listener, from its hostname to the agent that answers, or to what is said in its place.
/// Owns the requests that wait.
/// </summary>
internal sealed partial class FrontDoor(
    Routes routes, AgentForwarder forwarder, TimeProvider time, ILogger<FrontDoor> logger) : IDisposable
{
    private const string AllOfTheServer = "*";

    private readonly ManagedRequests _managed = new(forwarder, routes, time);

    /// <summary>Answers one request, whatever happens.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            await AnswerAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The same, found while writing.
        }
        catch (Exception error)
        {
            Defect(error);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await GatewayProblem.Defect().WriteAsync(context);
        }
    }

    /// <summary>The gateway ends: requests that wait for an agent are told so now.</summary>
    public void End() => _managed.End();

    /// <inheritdoc/>
    public void Dispose() => _managed.Dispose();

    private async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (RequestShape.Objection(context) is { } objection)
        {
            await objection.WriteAsync(context);
            return;
        }

        if (routes.Table.Find(RequestHost.NameOf(request.Headers.Host)) is not { } route)
        {
            await GatewayProblem.UnknownHost().WriteAsync(context);
            return;
        }

        if (HttpMethods.IsOptions(request.Method) && !request.Path.HasValue && IsOfTheServer(context))
        {
            // What a client asks of the whole server, the server answers (RFC 9110, section 9.3.7).
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var agent = route.Agent;
        var status = StatusCodes.Status500InternalServerError;
        try
        {
            if (agent.ColdStart is { } spec)
            {
                await _managed.AnswerAsync(context, route, spec);
            }
            else if (!await forwarder.TryForwardAsync(context, route, RequestShape.KindOf(context)))
            {
                await AgentStatus.NotServing(agent.Name, agent.View, time.GetUtcNow()).WriteAsync(context);
            }

            status = context.Response.StatusCode;
        }
        finally
        {
            var isUnanswered = context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted;
            agent.Meter.Answered(isUnanswered ? AgentMeter.Unanswered : status);
        }
    }

    private static bool IsOfTheServer(HttpContext context) =>
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget == AllOfTheServer;

    [LoggerMessage(5020, LogLevel.Error, "A request could not be answered because of a defect")]
    private partial void Defect(Exception error);
}
