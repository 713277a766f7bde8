using Drover.Server.Hosting;
using Drover.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Drover.Server.Features.Status;

/// <summary>Measures every request of a route that answers at once.</summary>
internal sealed class RequestMetering(RequestDelegate next, ServerMetrics metrics, TimeProvider time)
{
    private static readonly string[] Waiting =
        [Routes.CommandWait, Routes.EventStream, Routes.LogStream, Routes.AgentStream, Routes.Commands + "/{id}"];

    public async Task InvokeAsync(HttpContext context)
    {
        var began = time.Monotonic();
        try
        {
            await next(context);
        }
        finally
        {
            if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: { } route } && !Waiting.Contains(route))
            {
                metrics.Request(route, context.Response.StatusCode, time.Monotonic() - began);
            }
        }
    }
}
