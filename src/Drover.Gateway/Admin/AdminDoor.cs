using Drover.Gateway.Answers;
using Drover.Runtime.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Admin;

/// <summary>
/// Every request of the admin listener: first who asks, then what. Whatever goes wrong leaves as a problem document.
/// </summary>
internal sealed partial class AdminDoor(AdminGate gate, AdminDesk desk, ILogger<AdminDoor> logger)
{
    /// <summary>Answers one request, whatever happens.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            if (await AnswerAsync(context) is { } problem)
            {
                await problem.WriteAsync(context);
            }
        }
        catch (InvalidRequestException error)
        {
            await GatewayProblem.InvalidRequest(error.Message).WriteAsync(context);
        }
        catch (BadHttpRequestException error)
        {
            await GatewayProblem.BadRequest(error.StatusCode).WriteAsync(context);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody waits for the answer any more.
        }
        catch (Exception error)
        {
            Defect(context.Request.Method, error);
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            await GatewayProblem.Defect().WriteAsync(context);
        }
    }

    private async Task<GatewayProblem?> AnswerAsync(HttpContext context)
    {
        var (caller, refusal) = gate.Identify(context);
        if (caller is null)
        {
            return refusal;
        }

        var path = context.Request.Path.Value ?? "";
        var match = AdminTable.Find(context.Request.Method, path);
        if (caller is AdminCaller.Agent agent && match.Spec is not { IsForAgents: true })
        {
            return GatewayProblem.Forbidden(
                $"The token of the agent \"{agent.Seat.Name}\" registers hostnames of that agent and opens nothing "
                    + "else.");
        }

        if (match.Handler is { } handler)
        {
            await handler(new AdminCall(context, caller, match.Value, desk));
            return null;
        }

        return match.Methods.Count > 0
            ? GatewayProblem.WrongMethod(context.Request.Method, string.Join(", ", match.Methods))
            : GatewayProblem.NotFound($"cannot find \"{path}\": the admin listener has no such path");
    }

    [LoggerMessage(5603, LogLevel.Error, "A {Method} request to the admin listener failed because of a defect")]
    private partial void Defect(string method, Exception error);
}
