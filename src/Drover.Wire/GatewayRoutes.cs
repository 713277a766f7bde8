namespace Drover.Wire;

/// <summary>Every path of the gateway's admin listener, once. Templates in braces are route parameters.</summary>
public static class GatewayRoutes
{
    /// <summary>How the gateway itself is.</summary>
    public const string Health = "/api/v1/health";

    /// <summary>The agents.</summary>
    public const string Agents = "/api/v1/agents";

    /// <summary>One agent with all that is known of it.</summary>
    public const string Agent = Agents + "/{name}";

    /// <summary>Wakes an agent.</summary>
    public const string AgentWake = Agent + "/wake";

    /// <summary>Puts an agent to sleep.</summary>
    public const string AgentSleep = Agent + "/sleep";

    /// <summary>The agents as server-sent events: a whole list, and another one whenever something changed.</summary>
    public const string Watch = "/api/v1/watch";

    /// <summary>Which hostname leads to which agent.</summary>
    public const string RouteTable = "/api/v1/routes";

    /// <summary>What is open to each agent now.</summary>
    public const string Connections = "/api/v1/connections";

    /// <summary>What happened, oldest first after a cursor.</summary>
    public const string Events = "/api/v1/events";

    /// <summary>What happens, as server-sent events, resumable by <c>Last-Event-ID</c>.</summary>
    public const string EventStream = Events + "/stream";

    /// <summary>In <see cref="EventStream"/>: some events between are not kept any more.</summary>
    public const string GapEvent = "gap";

    /// <summary>Who is told of events over HTTP.</summary>
    public const string Webhooks = "/api/v1/webhooks";

    /// <summary>The events that one of them did not take.</summary>
    public const string DeadLetters = Webhooks + "/{name}/dead-letters";

    /// <summary>Sends those again.</summary>
    public const string Resend = Webhooks + "/{name}/resend";

    /// <summary>Hostnames that agents register while they run.</summary>
    public const string Services = "/api/services";

    /// <summary>One of them.</summary>
    public const string Service = Services + "/{hostname}";

    /// <summary>Prometheus text.</summary>
    public const string Metrics = Routes.Metrics;
}
