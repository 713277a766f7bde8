using Drover.Runtime.Metrics;

namespace Drover.Gateway.Metrics;

/// <summary>
/// Every metric of the gateway; <c>/metrics</c> of its admin listener and its reference are made of them.
/// </summary>
public static class GatewayMetricSpecs
{
    private static readonly MetricLabel Agent = new("agent", "the agent's name in drover.yaml");
    private static readonly MetricLabel Tier = new("tier", "doze (frozen) or stop");

    /// <summary>States.</summary>
    public static readonly MetricSpec State = MetricSpec.Gauge(
        "drover_gateway_agent_state",
        "1 for the state that the agent is in, 0 for the others.",
        Agent,
        new MetricLabel("state", "sleeping, starting, ready or degraded"));

    /// <summary>Requests.</summary>
    public static readonly MetricSpec Requests = MetricSpec.Counter(
        "drover_gateway_requests_total",
        "Requests for the agent's hostnames, answered by it or by the gateway in its place.",
        Agent,
        new MetricLabel("code", "class of the answer's status: 1xx (WebSockets) to 5xx; none where the client left"));

    /// <summary>Latency.</summary>
    public static readonly MetricSpec Forwarding = MetricSpec.Histogram(
        "drover_gateway_forwarding_duration_seconds",
        "From the handing over of a request to the agent to the first line of its answer; waits for a wake left out.",
        Agent);

    /// <summary>What is open.</summary>
    public static readonly MetricSpec Connections = MetricSpec.Gauge(
        "drover_gateway_connections",
        "What is open to the agent now.",
        Agent,
        new MetricLabel("kind", "http, events (server-sent), grpc or websocket"));

    /// <summary>The hold queue.</summary>
    public static readonly MetricSpec Held = MetricSpec.Gauge(
        "drover_gateway_held_requests", "Requests that wait for the agent's wake now.", Agent);

    /// <summary>Wakes that began.</summary>
    public static readonly MetricSpec Wakes = MetricSpec.Counter(
        "drover_gateway_wakes_total", "Wakes that began.", Agent, new MetricLabel("cause", "request or operator"));

    /// <summary>Wakes that ended well.</summary>
    public static readonly MetricSpec WakeDuration = MetricSpec.Histogram(
        "drover_gateway_wake_duration_seconds", "How long wakes took until the agent served.", Agent, Tier);

    /// <summary>How long agents are ready.</summary>
    public static readonly MetricSpec ReadyDuration = MetricSpec.Histogram(
        "drover_gateway_ready_duration_seconds",
        "How long the agent was ready at a stretch, until it slept or failed.",
        Agent);

    /// <summary>Failures.</summary>
    public static readonly MetricSpec Failures = MetricSpec.Counter(
        "drover_gateway_agent_failures_total",
        "How often the agent became degraded.",
        Agent,
        new MetricLabel("reason", "why: image_missing, startup_timeout, unhealthy and so on"));

    /// <summary>Sleeps.</summary>
    public static readonly MetricSpec Sleeps = MetricSpec.Counter(
        "drover_gateway_sleeps_total",
        "How often the agent was put to sleep.",
        Agent,
        new MetricLabel("cause", "idle, operator or capacity"),
        Tier);

    /// <summary>Evictions.</summary>
    public static readonly MetricSpec Evictions = MetricSpec.Counter(
        "drover_gateway_evictions_total", "How often the agent was put to sleep to make room for another.", Agent);

    /// <summary>Registrations.</summary>
    public static readonly MetricSpec Registered = MetricSpec.Gauge(
        "drover_gateway_registered_routes", "Hostnames that the agent registered and that lead to it now.", Agent);

    /// <summary>When it started.</summary>
    public static readonly MetricSpec Started = MetricSpec.Gauge(
        "drover_gateway_start_time_seconds", "When the gateway started, in seconds since 1970.");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MetricSpec> All =
    [
        State, Requests, Forwarding, Connections, Held, Wakes, WakeDuration, ReadyDuration, Failures, Sleeps,
        Evictions, Registered, Started,
    ];
}
