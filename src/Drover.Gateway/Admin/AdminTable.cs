using Microsoft.AspNetCore.Http;

namespace Drover.Gateway.Admin;

/// <summary>Which request is answered by what. A path is compared segment by segment, in its own case.</summary>
internal static class AdminTable
{
    private static readonly IReadOnlyDictionary<AdminRouteSpec, Func<AdminCall, Task>> Handlers =
        new Dictionary<AdminRouteSpec, Func<AdminCall, Task>>
        {
            [AdminRouteSpecs.Health] = StatusEndpoints.HealthAsync,
            [AdminRouteSpecs.Agents] = AgentEndpoints.ListAsync,
            [AdminRouteSpecs.Agent] = AgentEndpoints.InspectAsync,
            [AdminRouteSpecs.Wake] = OrderEndpoints.WakeAsync,
            [AdminRouteSpecs.Sleep] = OrderEndpoints.SleepAsync,
            [AdminRouteSpecs.Watch] = WatchEndpoint.StreamAsync,
            [AdminRouteSpecs.RouteTable] = StatusEndpoints.RoutesAsync,
            [AdminRouteSpecs.Events] = EventEndpoints.ListAsync,
            [AdminRouteSpecs.EventStream] = EventEndpoints.StreamAsync,
            [AdminRouteSpecs.Webhooks] = WebhookEndpoints.ListAsync,
            [AdminRouteSpecs.DeadLetters] = WebhookEndpoints.DeadLettersAsync,
            [AdminRouteSpecs.Resend] = WebhookEndpoints.ResendAsync,
            [AdminRouteSpecs.Metrics] = StatusEndpoints.MetricsAsync,
            [AdminRouteSpecs.Services] = ServiceEndpoints.ListAsync,
            [AdminRouteSpecs.Register] = ServiceEndpoints.RegisterAsync,
            [AdminRouteSpecs.Renew] = ServiceEndpoints.RenewAsync,
            [AdminRouteSpecs.Unregister] = ServiceEndpoints.DeleteAsync,
            [AdminRouteSpecs.Connections] = StatusEndpoints.ConnectionsAsync,
        };

    /// <summary>What answers; else which methods there are for that path, none when there is no such path.</summary>
    public static AdminMatch Find(string method, string path)
    {
        var methods = new List<string>();
        foreach (var (spec, handler) in Handlers)
        {
            if (!Matches(spec.Template, path, out var value))
            {
                continue;
            }

            if (spec.Method == method)
            {
                return new AdminMatch(spec, handler, value, []);
            }

            methods.Add(spec.Method);
        }

        return new AdminMatch(null, null, null, methods);
    }

    private static bool Matches(string template, string path, out string? value)
    {
        value = null;
        var wanted = template.Split('/');
        var given = path.Split('/');
        if (wanted.Length != given.Length)
        {
            return false;
        }

        foreach (var (want, give) in wanted.Zip(given))
        {
            if (want.StartsWith('{') && give.Length > 0)
            {
                value = give;
            }
            else if (want != give)
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary>What a request means.</summary>
/// <param name="Spec">The route; null: there is none.</param>
/// <param name="Handler">What answers.</param>
/// <param name="Value">What stands in the place of the braces.</param>
/// <param name="Methods">The methods there are, when the one that was asked for is none of them.</param>
internal sealed record AdminMatch(
    AdminRouteSpec? Spec, Func<AdminCall, Task>? Handler, string? Value, IReadOnlyList<string> Methods);

/// <summary>One request to the admin listener whose caller is known.</summary>
/// <param name="Context">The request and its answer.</param>
/// <param name="Caller">Who asks.</param>
/// <param name="Value">What stands in the place of the route's braces.</param>
/// <param name="Desk">What answers are made of.</param>
internal sealed record AdminCall(HttpContext Context, AdminCaller Caller, string? Value, AdminDesk Desk);
