using Drover.Server.Features.Audit;
using Drover.Server.Features.Limits;
using Drover.Server.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Features.Access;

/// <summary>
/// Stands before every endpoint: finds its line in the access table and lets through who may pass, as often as a caller
/// may.
/// </summary>
internal sealed class AccessGate(
    RequestDelegate next,
    PersonAuthentication people,
    AgentAuthentication agents,
    CallerLimits limits,
    DenialLog denials)
{
    public async Task InvokeAsync(HttpContext context)
    {
        // No route of ours matched: the framework's own 404 and 405 tell nothing that needs a guard.
        if (context.GetEndpoint() is not RouteEndpoint endpoint)
        {
            await next(context);
            return;
        }

        var route = endpoint.RoutePattern.RawText ?? string.Empty;
        var rule = AccessTable.Find(context.Request.Method, route)
            ?? throw new InvalidOperationException(
                $"{context.Request.Method} {route} stands in no line of the access table.");
        var refusal = rule.Who switch
        {
            Who.Anybody => null,
            Who.Agent => await agents.AuthenticateAsync(context, rule),
            Who.Viewer => Admit(context, rule, Role.Viewer),
            Who.Operator => Admit(context, rule, Role.Operator),
            Who.Admin => Admit(context, rule, Role.Admin),
        };

        // Whoever is known is bounded as such, also when the answer is no.
        using var entry = limits.Enter(context, rule);
        await ((entry.Refusal ?? refusal) is { } problem ? problem.ExecuteAsync(context) : next(context));
    }

    private Problem? Admit(HttpContext context, AccessRule rule, Role least)
    {
        var (person, refusal) = people.Authenticate(context, rule);
        if (person is null)
        {
            return refusal;
        }

        context.Features.Set(person);
        if (person.Role < least)
        {
            denials.Note($"needs {Roles.NameOf(least)}", rule, person.ToActor(), context.TargetInPath());
            return Problem.Forbidden(
                $"{person.Name} has the role {Roles.NameOf(person.Role)}; this needs {Roles.NameOf(least)}.");
        }

        return null;
    }
}
