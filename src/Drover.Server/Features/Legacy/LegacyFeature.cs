using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Legacy;

/// <summary>
/// Agents of the older protocol (Stacker's status panel): which hosts may, how they register, and how what they send
/// and get is translated. What they poll and report at are the routes of <see cref="Commands.CommandsFeature"/>.
/// </summary>
internal static class LegacyFeature
{
    public static void AddLegacy(this IServiceCollection services)
    {
        services.AddSingleton<LegacyHosts>();
        services.AddSingleton<LegacySighting>();
        services.AddSingleton<RegisterLegacyHost>();
        services.AddSingleton<ReceiveLegacyReport>();
    }

    public static void MapLegacy(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.HostLegacy, LegacyHosts.Handle);
        routes.MapPost(Routes.LegacyRegister, RegisterLegacyHost.Handle);
        routes.MapPost(Routes.LegacyMarketplaceRegister, RegisterLegacyHost.HandleMarketplace);
    }
}
