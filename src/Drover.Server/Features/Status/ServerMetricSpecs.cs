using Drover.Runtime.Metrics;

namespace Drover.Server.Features.Status;

/// <summary>Every metric of the server; <c>/metrics</c> and its reference are made of them.</summary>
public static class ServerMetricSpecs
{
    /// <summary>How long requests took.</summary>
    public static readonly MetricSpec Requests = MetricSpec.Histogram(
        "drover_server_request_duration_seconds",
        "Requests answered, long polls and streams left out.",
        new MetricLabel("route", "template of the path, such as /api/v1/hosts/{host}"),
        new MetricLabel("status", "HTTP status of the answer"));

    /// <summary>Commands that ended.</summary>
    public static readonly MetricSpec Commands = MetricSpec.Counter(
        "drover_server_commands_total",
        "Commands that reached a final state, each counted once, by the first it reached.",
        new MetricLabel("type", "command type"),
        new MetricLabel("state", "completed, failed, cancelled or expired"));

    /// <summary>What limits turned away.</summary>
    public static readonly MetricSpec Limited = MetricSpec.Counter(
        "drover_server_limited_total",
        "Requests and connections turned away by a limit.",
        new MetricLabel(
            "limit",
            "of rates host, person, stranger, sign_in, enrollment_token, enrollment_address; of what is open at once "
                + "host_open, person_open, connections, connections_per_address"));

    /// <summary>Network connections now.</summary>
    public static readonly MetricSpec Connections = MetricSpec.Gauge(
        "drover_server_connections", "Open network connections; the unix socket does not count.");

    /// <summary>Long polls now.</summary>
    public static readonly MetricSpec WaitingPolls = MetricSpec.Gauge(
        "drover_server_waiting_polls", "Host agents that wait for a command now.");

    /// <summary>Hosts now.</summary>
    public static readonly MetricSpec Hosts = MetricSpec.Gauge(
        "drover_server_hosts",
        "Hosts by state.",
        new MetricLabel("state", "live, late, offline, docker_down, goodbye or revoked"));

    /// <summary>Containers now.</summary>
    public static readonly MetricSpec Containers = MetricSpec.Gauge(
        "drover_server_containers", "Containers of all hosts.");

    /// <summary>How far the events are.</summary>
    public static readonly MetricSpec LastEventId = MetricSpec.Gauge(
        "drover_server_last_event_id", "Id of the newest event.");

    /// <summary>Transactions.</summary>
    public static readonly MetricSpec DatabaseCommits = MetricSpec.Gauge(
        "drover_server_database_commits", "Transactions committed since the start.");

    /// <summary>Rows.</summary>
    public static readonly MetricSpec DatabaseRows = MetricSpec.Gauge(
        "drover_server_database_rows", "Rows written since the start.");

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<MetricSpec> All =
    [
        Requests, Commands, Limited, Connections, WaitingPolls, Hosts, Containers, LastEventId, DatabaseCommits,
        DatabaseRows,
    ];
}
