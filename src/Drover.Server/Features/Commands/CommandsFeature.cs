using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Commands;

/// <summary>
/// Orders to hosts: stored before they are acknowledged, leased to the host that polls, ended by its report.
/// </summary>
internal static class CommandsFeature
{
    public static void AddCommands(this IServiceCollection services)
    {
        services.AddSingleton<CommandNumbers>();
        services.AddSingleton<CommandWatch>();
        services.AddSingleton<TargetResolver>();
        services.AddSingleton<OrderCommand>();
        services.AddSingleton<WaitForCommand>();
        services.AddSingleton<RenewLeases>();
        services.AddSingleton<ReceiveReport>();
        services.AddSingleton<ReceiveAppStatus>();
        services.AddSingleton<CancelCommand>();
        services.AddHostedService<CommandSweepRunner>();
    }

    public static void MapCommands(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Routes.CommandWait, WaitForCommand.Handle);
        routes.MapPost(Routes.CommandReport, ReceiveReport.Handle);
        routes.MapPost(Routes.CommandRenew, RenewLeases.Handle);
        routes.MapPost(Routes.AppStatus, ReceiveAppStatus.Handle);
        routes.MapPost(Routes.Commands, OrderCommand.Handle);
        routes.MapGet(Routes.Commands, CommandEndpoints.List);
        routes.MapGet(Routes.Commands + "/{id}", CommandEndpoints.Get);
        routes.MapPost(Routes.Commands + "/{id}/cancel", CancelCommand.Handle);
    }
}
