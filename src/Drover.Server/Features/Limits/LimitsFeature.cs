using Drover.Server.Features.Enrollment;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Limits;

/// <summary>What any one caller can take of the server: rates, sizes, times, connections.</summary>
internal static class LimitsFeature
{
    public static void AddLimits(this IServiceCollection services)
    {
        services.AddSingleton<CallerLimits>();
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<EnrollmentThrottle>();
    }

    /// <summary>Stands behind the answers in problem documents and before the access gate.</summary>
    public static void UseLimits(this IApplicationBuilder application)
    {
        application.UseMiddleware<HeaderLimits>();
        application.UseMiddleware<StrangerLimit>();
    }

    /// <summary>Bounds the connections of a listener; first of all that is put on it.</summary>
    public static void LimitConnections(this ListenOptions listener) => listener.Use(
        listener.ApplicationServices.GetRequiredService<ConnectionLimit>().Before);
}
