using Drover.Core.Agents;
using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Drover.Gateway.ColdStart;
using Drover.Gateway.Documents;
using Drover.Gateway.Registration;
using Drover.Gateway.Routing;
using Drover.Runtime.Configuration;
using Drover.Wire.Gateway;

namespace Drover.Gateway.Admin;

/// <summary>Agents and routes as operators see them.</summary>
internal static class AgentListing
{
    private const string Doze = "doze";

    /// <summary>As drover.yaml has it.</summary>
    public static string Of(AgentPolicy policy) => policy switch
    {
        AgentPolicy.Unmanaged => "unmanaged",
        AgentPolicy.AlwaysOn => "always_on",
        AgentPolicy.OnDemand => "on_demand",
    };

    /// <summary>An agent in short.</summary>
    public static GatewayAgentDto Short(AgentSeat seat) => Fill(seat, seat.View);

    /// <summary>An agent with all that is known of it.</summary>
    public static GatewayAgentDetailDto Detail(AgentSeat seat, AdminDesk desk)
    {
        var agent = Fill(seat, seat.View);
        return new GatewayAgentDetailDto
        {
            Name = agent.Name,
            State = agent.State,
            Tier = agent.Tier,
            Reason = agent.Reason,
            ReasonCode = agent.ReasonCode,
            Since = agent.Since,
            ReadyBy = agent.ReadyBy,
            Policy = agent.Policy,
            Hostnames = agent.Hostnames,
            Service = agent.Service,
            Address = agent.Address,
            Connections = agent.Connections,
            IdleSeconds = agent.IdleSeconds,
            Settings = AgentSettings.Of(seat.Document),
            Routes =
            [
                .. desk.Routes.Table.All.Where(route => route.Agent == seat)
                    .Select(route => Of(route, desk.Registrar)),
            ],
        };
    }

    /// <summary>What is open to an agent now.</summary>
    public static GatewayConnectionsDto Connections(AgentSeat seat)
    {
        var activity = seat.Activity;
        return new GatewayConnectionsDto(
            seat.Name,
            activity.Open,
            activity.OpenOf(WorkKind.Http),
            activity.OpenOf(WorkKind.Events),
            activity.OpenOf(WorkKind.Grpc),
            activity.OpenOf(WorkKind.WebSocket),
            activity.IsFenced);
    }

    /// <summary>A route.</summary>
    public static GatewayRouteDto Of(Route route, Registrar registrar) => new()
    {
        Hostname = route.Pattern.ToString(),
        Agent = route.Agent.Name,
        Port = route.Port,
        Registered = route.IsRegistered,
        ExpiresAt = route.IsRegistered ? registrar.Find(route.Pattern)?.ExpiresAt : null,
    };

    private static GatewayAgentDto Fill(AgentSeat seat, AgentView view)
    {
        var document = seat.Document;
        var connections = Connections(seat);
        return new GatewayAgentDto
        {
            Name = document.Name,
            State = AgentStatus.WordOf(view.State),
            Tier = view.IsDozing ? Doze : null,
            Reason = view.Reason,
            ReasonCode = view.ReasonCode,
            Since = view.Since == default ? null : view.Since,
            ReadyBy = view.ReadyBy,
            Policy = Of(document.Policy),
            Hostnames = [.. document.Hostnames.Select(host => host.ToString())],
            Service = (document.Target as AgentTarget.Service)?.Name,
            Address = (document.Target as AgentTarget.Fixed)?.Origin.GetLeftPart(UriPartial.Authority),
            Connections = connections,
            IdleSeconds = connections.Open > 0 ? null : (long)seat.Activity.SinceLast.TotalSeconds,
        };
    }
}

/// <summary>An agent's section of drover.yaml as operators see it, defaults included and secrets left out.</summary>
internal static class AgentSettings
{
    public static GatewayAgentSettingsDto Of(AgentDocument document) => new()
    {
        Protocol = document.Protocol switch
        {
            AgentProtocol.Auto => "auto",
            AgentProtocol.Http1 => "http1",
            AgentProtocol.Http2 => "http2",
        },
        Port = (document.Target as AgentTarget.Service)?.Port,
        StatusPath = document.Policy is AgentPolicy.Unmanaged ? null : document.StatusPath,
        Health = document.Policy is AgentPolicy.Unmanaged ? null : Of(document.Health),
        OnDemand = document.Policy is AgentPolicy.OnDemand ? Wake(document) : null,
        MaxBody = document.MaxBody,
        ConnectTimeout = DurationText.Format(document.Timeouts.Connect),
        ResponseTimeout = DurationText.Format(document.Timeouts.Response),
        IdleTimeout = DurationText.Format(document.Timeouts.Idle),
    };

    private static GatewayHealthSettingsDto Of(HealthDocument health) => new(
        health.Path,
        health.Port,
        DurationText.Format(health.Period),
        DurationText.Format(health.Timeout),
        health.FailureThreshold);

    private static GatewayWakeSettingsDto Wake(AgentDocument document) => new(
        DurationText.Format(document.StartupTimeout),
        DurationText.Format(document.Idle.Timeout),
        DurationText.Format(document.Idle.DrainTimeout),
        document.Idle.OpenWebSocketsCount ? "open" : "messages",
        document.DozeAfter is { } doze ? DurationText.Format(doze) : null,
        DurationText.Format(document.Hold.Wait),
        DurationText.Format(document.Hold.Most),
        document.Hold.Requests,
        document.IsPinned,
        document.Memory);
}
