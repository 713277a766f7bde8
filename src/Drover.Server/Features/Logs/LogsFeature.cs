using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Logs;

/// <summary>Logs while they are written: uploaded by the host only as long as somebody reads.</summary>
internal static class LogsFeature
{
    public static void AddLogs(this IServiceCollection services)
    {
        services.AddSingleton<FollowRelay>();
        services.AddSingleton<FollowLog>();
    }

    public static void MapLogs(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.AgentStream, ReceiveStream.Handle);
        routes.MapGet(Routes.LogStream, FollowLog.Handle);
    }
}
