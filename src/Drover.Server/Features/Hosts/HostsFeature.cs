using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Hosts;

/// <summary>
/// The fleet: which hosts there are, what state each is in, and how silence is noticed. The feature to copy: these two
/// methods are its only doors, each use case is a file, <see cref="HostStore"/> alone touches its table, and who may
/// call a route stands in <see cref="Access.AccessTable"/>.
/// </summary>
internal static class HostsFeature
{
    public static void AddHosts(this IServiceCollection services)
    {
        services.AddSingleton<HostRegistry>();
        services.AddSingleton<LoadHosts>();
        services.AddSingleton<HostChangeStore>();
        services.AddSingleton<ReceiveHeartbeat>();
        services.AddSingleton<RemoveHost>();
        services.AddSingleton<RevokeHost>();
        services.AddSingleton<RotateHostKey>();
        services.AddHostedService<FleetRunner>();
    }

    public static void MapHosts(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Heartbeat, ReceiveHeartbeat.Handle);
        routes.MapGet(Routes.Hosts, HostEndpoints.List);
        routes.MapGet(Routes.Hosts + "/{host}", HostEndpoints.Get);
        routes.MapDelete(Routes.Hosts + "/{host}", HostEndpoints.Remove);
        routes.MapPost(Routes.HostRevocation, HostEndpoints.Revoke);
        routes.MapPost(Routes.HostKeyRotation, HostEndpoints.RotateKey);
        routes.MapPost(Routes.AgentKey, RotateHostKey.Receive);
    }
}
