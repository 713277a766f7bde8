using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Status;

/// <summary>The server about itself: alive, ready, counted.</summary>
internal static class StatusFeature
{
    public static void AddStatus(this IServiceCollection services) => services.AddSingleton<ServerMetrics>();

    public static void MapStatus(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Live, StatusEndpoints.Live);
        routes.MapGet(Routes.Ready, StatusEndpoints.Ready);
        routes.MapGet(Routes.Metrics, StatusEndpoints.Metrics);
    }
}
