using Drover.Gateway.Answers;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Hosting;

/// <summary>Every request of the public listener, from its hostname to the agent that answers.</summary>
internal sealed partial class FrontDoor(Routes routes, AgentForwarder forwarder, ILogger<FrontDoor> logger)
{
    private const string AllOfTheServer = "*";

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

        var kind = RequestShape.KindOf(context);
        for (var mayGoAgain = true; ; mayGoAgain = false)
        {
            var view = route.Agent.View;
            if (view.Backend is not { } backend)
            {
                await GatewayProblem.NotReady(route.Agent.Name, view.Reason).WriteAsync(context);
                return;
            }

            if (await forwarder.ForwardAsync(context, route, backend, kind, mayGoAgain))
            {
                return;
            }
        }
    }

    private static bool IsOfTheServer(HttpContext context) =>
        context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()?.RawTarget == AllOfTheServer;

    [LoggerMessage(5020, LogLevel.Error, "A request could not be answered because of a defect")]
    private partial void Defect(Exception error);
}
