using System.Globalization;
using Drover.Runtime.Metrics;
using Drover.Runtime.Storage;
using Drover.Server.Features.Events;
using Drover.Server.Features.Hosts;

namespace Drover.Server.Features.Status;

/// <summary>
/// What the server counts of itself. Labels come from bounded sets: routes of the table, states, types.
/// </summary>
internal sealed class ServerMetrics
{
    private static readonly double[] Seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly MetricRegistry _registry = new();
    private readonly Histogram _requests;
    private readonly Counter _commands;
    private readonly Counter _limited;
    private readonly Gauge _polls;
    private readonly Gauge _connections;

    public ServerMetrics(HostRegistry hosts, EventLog events, Database database)
    {
        _requests = _registry.AddHistogram(
            "drover_server_request_duration_seconds",
            "Requests answered, long polls and streams left out.",
            Seconds,
            "route",
            "status");
        _commands = _registry.AddCounter(
            "drover_server_commands_total",
            "Commands that reached a final state, each counted once, by the first it reached.",
            "type",
            "state");
        _limited = _registry.AddCounter(
            "drover_server_limited_total", "Requests and connections turned away by a limit.", "limit");
        _connections = _registry.AddGauge(
            "drover_server_connections", "Open network connections; the unix socket does not count.");
        _connections.Set(0);
        _polls = _registry.AddGauge("drover_server_waiting_polls", "Host agents that wait for a command now.");
        _polls.Set(0);
        _registry.AddGauge("drover_server_hosts", "Hosts by state.", "state", () => HostView.States.Select(
            state =>
                (
                    state,
                    (double)hosts.Unordered.Count(host => HostStates.NameOf(host.Sighting.Status.State) == state))));
        _registry.AddGauge(
            "drover_server_containers",
            "Containers of all hosts.",
            () => hosts.Unordered.Sum(host => host.Inventory.Containers.Count));
        _registry.AddGauge("drover_server_last_event_id", "Id of the newest event.", () => events.Newest);
        _registry.AddGauge(
            "drover_server_database_commits", "Transactions committed since the start.", () => database.Commits);
        _registry.AddGauge(
            "drover_server_database_rows", "Rows written since the start.", () => database.RowsWritten);
    }

    public string Write() => _registry.Write();

    public void Request(string route, int status, TimeSpan duration) =>
        _requests.Observe(duration.TotalSeconds, route, status.ToString(CultureInfo.InvariantCulture));

    public void PollBegan() => _polls.Add(1);

    public void PollEnded() => _polls.Add(-1);

    public void ConnectionOpened() => _connections.Add(1);

    public void ConnectionClosed() => _connections.Add(-1);

    /// <summary>A limit turned somebody away.</summary>
    public void Limited(string limit) => _limited.Increment(limit);

    public void CommandEnded(string type, string state) => _commands.Increment(type, state);
}
