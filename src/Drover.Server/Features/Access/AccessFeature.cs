using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Access;

/// <summary>
/// Who may do what: the access table and its gate, signatures of host agents, sockets and tokens of people.
/// </summary>
internal static class AccessFeature
{
    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<StreamLives>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<DenialLog>();
        services.AddSingleton<PersonAuthentication>();
        services.AddSingleton<AgentAuthentication>();
    }

    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.Tokens, TokenEndpoints.List);
        routes.MapPost(Routes.Tokens, TokenEndpoints.Create);
        routes.MapDelete(Routes.Tokens + "/{id}", TokenEndpoints.Revoke);
        routes.MapGet(Routes.WhoAmI, TokenEndpoints.WhoAmI);
    }
}
