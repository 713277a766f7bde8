using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Enrollment;

/// <summary>How a host joins: one-time tokens, and the keys of those that did.</summary>
internal static class EnrollmentFeature
{
    public static void AddEnrollment(this IServiceCollection services)
    {
        services.AddSingleton<EnrollmentTokens>();
        services.AddSingleton<EnrollHost>();
    }

    public static void MapEnrollment(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.Enroll, EnrollHost.Handle);
        routes.MapGet(Routes.EnrollmentTokens, EnrollmentTokenEndpoints.List);
        routes.MapPost(Routes.EnrollmentTokens, EnrollmentTokenEndpoints.Create);
        routes.MapDelete(Routes.EnrollmentTokens + "/{id}", EnrollmentTokenEndpoints.Revoke);
    }
}
