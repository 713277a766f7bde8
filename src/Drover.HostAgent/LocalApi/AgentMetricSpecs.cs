using Drover.Runtime.Metrics;

namespace Drover.HostAgent.LocalApi;

/// <summary>
/// Every metric of the host agent; <c>/metrics</c> of its local API and its reference are made of them.
/// </summary>
public static class AgentMetricSpecs
{
    private static readonly MetricLabel Plane =
        new("control_plane", "status_panel (the host agent itself) or compose_agent");

    /// <summary>The engine.</summary>
    public static readonly MetricSpec DockerUp = MetricSpec.Gauge(
        "drover_agent_docker_up", "1 while the Docker Engine answers.");

    /// <summary>The link.</summary>
    public static readonly MetricSpec ServerUp = MetricSpec.Gauge(
        "drover_agent_server_up", "1 while the server answers heartbeats.");

    /// <summary>The clocks.</summary>
    public static readonly MetricSpec ClockSkew = MetricSpec.Gauge(
        "drover_agent_clock_skew_seconds", "The server's clock minus this host's.");

    /// <summary>Containers now.</summary>
    public static readonly MetricSpec Containers = MetricSpec.Gauge(
        "drover_agent_containers", "Containers of this host.");

    /// <summary>The event spool.</summary>
    public static readonly MetricSpec EventsWaiting = MetricSpec.Gauge(
        "drover_agent_events_waiting", "Events the server does not have yet.");

    /// <summary>The report spool.</summary>
    public static readonly MetricSpec ReportsWaiting = MetricSpec.Gauge(
        "drover_agent_reports_waiting", "Command reports the server does not have yet.");

    /// <summary>Commands that went well.</summary>
    public static readonly MetricSpec CommandsSucceeded = MetricSpec.Gauge(
        "drover_agent_commands_succeeded", "Commands that did what was ordered, since the start.", Plane);

    /// <summary>Commands that did not.</summary>
    public static readonly MetricSpec CommandsFailed = MetricSpec.Gauge(
        "drover_agent_commands_failed", "Commands that did not, since the start.", Plane);

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MetricSpec> All =
    [
        DockerUp, ServerUp, ClockSkew, Containers, EventsWaiting, ReportsWaiting, CommandsSucceeded, CommandsFailed,
    ];
}
