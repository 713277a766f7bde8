using Drover.Wire;

namespace Drover.Gateway.Admin;

/// <summary>One thing that can be asked of the admin listener.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Template">Its path; one segment in braces at most.</param>
/// <param name="IsForAgents">True: an agent's own token opens it too.</param>
/// <param name="Meaning">What it does, a sentence of the reference.</param>
public sealed record AdminRouteSpec(string Method, string Template, bool IsForAgents, string Meaning);

/// <summary>Everything that can be asked of the admin listener; what is not here does not exist.</summary>
public static class AdminRouteSpecs
{
    /// <summary>How the gateway is.</summary>
    public static readonly AdminRouteSpec Health = Get(
        GatewayRoutes.Health, "How the gateway itself is: since when, agents by state, what is open.");

    /// <summary>The agents.</summary>
    public static readonly AdminRouteSpec Agents = Get(
        GatewayRoutes.Agents, "The agents in the order of drover.yaml, each with its state and what is open to it.");

    /// <summary>One agent.</summary>
    public static readonly AdminRouteSpec Agent = Get(
        GatewayRoutes.Agent, "One agent with its settings, its routes and all that is known of it.");

    /// <summary>Wake.</summary>
    public static readonly AdminRouteSpec Wake = Post(
        GatewayRoutes.AgentWake,
        "Wakes an agent whose policy is on_demand. Answers 200 once it serves, 202 with the agent as it is when that "
            + "takes longer than `wait` seconds (0 to 25, 5 unless said), 409 with the reason when it cannot.");

    /// <summary>Sleep.</summary>
    public static readonly AdminRouteSpec Sleep = Post(
        GatewayRoutes.AgentSleep,
        "Puts an agent whose policy is on_demand to sleep: nothing new is let in, what is open may end within its "
            + "drain_timeout. Answers 200 once it sleeps, 202 when that takes longer than `wait` seconds (0 to 25, 5 "
            + "unless said), 409 with the reason when it stays awake.");

    /// <summary>Changes of the agents.</summary>
    public static readonly AdminRouteSpec Watch = Get(
        GatewayRoutes.Watch,
        "The same list as server-sent events of type `agents`: at once, and again whenever something changed.");

    /// <summary>Routes.</summary>
    public static readonly AdminRouteSpec RouteTable = Get(
        GatewayRoutes.RouteTable, "Which hostname leads to which agent, those that agents registered among them.");

    /// <summary>Connections.</summary>
    public static readonly AdminRouteSpec Connections = Get(
        GatewayRoutes.Connections, "What is open to each agent now, by kind.");

    /// <summary>Events of before.</summary>
    public static readonly AdminRouteSpec Events = Get(
        GatewayRoutes.Events,
        "The newest events that are kept, oldest first: at most `limit` (1 to 1000, 100 unless said), after the id "
            + "`after`, of the types or families (`agent.*`) that `type` names, of the agent that `agent` names.");

    /// <summary>Events to come.</summary>
    public static readonly AdminRouteSpec EventStream = Get(
        GatewayRoutes.EventStream,
        "Events as server-sent events from now on, or after the id in `Last-Event-ID` or `after`; `type` and `agent` "
            + "as above. An event of type `gap` says that some between are not kept any more.");

    /// <summary>Receivers of events.</summary>
    public static readonly AdminRouteSpec Webhooks = Get(
        GatewayRoutes.Webhooks, "The webhooks in the order of drover.yaml: what waits for each, and why.");

    /// <summary>What a receiver did not take.</summary>
    public static readonly AdminRouteSpec DeadLetters = Get(
        GatewayRoutes.DeadLetters,
        "The oldest events that a webhook did not take, with the reason: at most `limit` (1 to 1000, 100 unless "
            + "said).");

    /// <summary>Send them again.</summary>
    public static readonly AdminRouteSpec Resend = Post(
        GatewayRoutes.Resend, "Sends a webhook's dead letters again, behind what waits for it, under the same ids.");

    /// <summary>Metrics.</summary>
    public static readonly AdminRouteSpec Metrics = Get(
        GatewayRoutes.Metrics, "What the gateway counts, in the Prometheus text format.");

    /// <summary>Registrations.</summary>
    public static readonly AdminRouteSpec Services = new(
        "GET", GatewayRoutes.Services, true, "The hostnames that agents registered; for an agent its own.");

    /// <summary>Registration.</summary>
    public static readonly AdminRouteSpec Register = new(
        "POST",
        GatewayRoutes.Services,
        true,
        "Registers a hostname of the agent whose token is shown, or renews it: `{\"hostname\", \"port\", "
            + "\"ttl_seconds\"}`. The hostname lies within a wildcard of the agent's, the port is one of its own task. "
            + "Answers 201 or, renewed, 200.");

    /// <summary>Renewal.</summary>
    public static readonly AdminRouteSpec Renew = new(
        "PUT", GatewayRoutes.Service, true, "Renews a hostname as it was registered, without a body.");

    /// <summary>End of a registration.</summary>
    public static readonly AdminRouteSpec Unregister = new(
        "DELETE", GatewayRoutes.Service, true, "Ends a registration; an agent its own, operators any. Answers 204.");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<AdminRouteSpec> All =
    [
        Health, Agents, Agent, Wake, Sleep, Watch, RouteTable, Connections,
        Events, EventStream, Metrics, Webhooks, DeadLetters, Resend,
        Services, Register, Renew, Unregister,
    ];

    private static AdminRouteSpec Get(string template, string meaning) => new("GET", template, false, meaning);

    private static AdminRouteSpec Post(string template, string meaning) => new("POST", template, false, meaning);
}
