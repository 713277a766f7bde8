using System.Text;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Runtime.Metrics;
using Drover.Runtime.Requests;
using Drover.Wire;
using Drover.Wire.Gateway;
using Drover.Wire.People;

namespace Drover.Gateway.Admin;

/// <summary>What operators read of the gateway as a whole.</summary>
internal static class StatusEndpoints
{
    public static Task HealthAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        var desk = call.Desk;
        var seats = desk.Agents.All;
        var routes = desk.Routes.Table.All;
        var health = new GatewayHealthDto(
            desk.Stopping.IsCancellationRequested ? "stopping" : "ok",
            desk.StartedAt,
            (long)(desk.Time.GetUtcNow() - desk.StartedAt).TotalSeconds,
            desk.Listens(),
            StatesOf(seats),
            seats.Sum(seat => seat.Activity.Open),
            routes.Count,
            routes.Count(route => route.IsRegistered));
        return AdminAnswer.WriteAsync(call.Context, health, WireJson.Default.GatewayHealthDto);
    }

    public static Task RoutesAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        return AdminAnswer.WriteAsync(
            call.Context,
            new Page<GatewayRouteDto>([.. call.Desk.Routes.Table.All.Select(
                route => AgentListing.Of(route, call.Desk.Registrar))], null),
            WireJson.Default.PageGatewayRouteDto);
    }

    public static Task ConnectionsAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        return AdminAnswer.WriteAsync(
            call.Context,
            new Page<GatewayConnectionsDto>([.. call.Desk.Agents.All.Select(AgentListing.Connections)], null),
            WireJson.Default.PageGatewayConnectionsDto);
    }

    public static Task MetricsAsync(AdminCall call)
    {
        _ = new QueryReader(call.Context);
        return AdminAnswer.WriteAsync(
            call.Context, Encoding.UTF8.GetBytes(call.Desk.Metrics.Write()), MetricRegistry.ContentType);
    }

    private static GatewayStatesDto StatesOf(IReadOnlyCollection<AgentSeat> seats)
    {
        var counts = seats.CountBy(seat => seat.View.State).ToDictionary();
        return new GatewayStatesDto(
            counts.GetValueOrDefault(AgentState.Sleeping),
            counts.GetValueOrDefault(AgentState.Starting),
            counts.GetValueOrDefault(AgentState.Ready),
            counts.GetValueOrDefault(AgentState.Degraded));
    }
}
