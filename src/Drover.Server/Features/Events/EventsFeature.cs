using Drover.Wire;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Drover.Server.Features.Events;

/// <summary>The ordered stream of what happened: taken from host agents, read and followed by people.</summary>
internal static class EventsFeature
{
    public static void AddEvents(this IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton<EventLog>();
        services.AddSingleton<ReceiveEvents>();
        services.AddHostedService<RetentionRunner>();
        if (options.Webhooks.Count > 0)
        {
            services.AddHostedService<WebhookRunner>();
        }
    }

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapPost(Routes.AgentEvents, ReceiveEvents.Handle);
        routes.MapGet(Routes.Events, EventEndpoints.List);
        routes.MapGet(Routes.EventStream, EventEndpoints.Stream);
    }
}
