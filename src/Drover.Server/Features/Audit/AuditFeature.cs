using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Audit;

/// <summary>Who did what: written with every change, read by admins, changed by nobody.</summary>
internal static class AuditFeature
{
    public static void AddAudit(this IServiceCollection services)
    {
        services.AddSingleton<AuditLog>();
        services.AddSingleton<RefusalAudit>();
    }

    public static void MapAudit(this IEndpointRouteBuilder routes) => routes.MapGet(Routes.Audit, AuditEndpoints.List);
}
