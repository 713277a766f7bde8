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

    /// <summary>Where a feature adds what it counts itself.</summary>
    public MetricRegistry Registry => _registry;

    public ServerMetrics(HostRegistry hosts, EventLog events, Database database)
    {
        _requests = _registry.AddHistogram(ServerMetricSpecs.Requests, Seconds);
        _commands = _registry.AddCounter(ServerMetricSpecs.Commands);
        _limited = _registry.AddCounter(ServerMetricSpecs.Limited);
        _connections = _registry.AddGauge(ServerMetricSpecs.Connections);
        _connections.Set(0);
        _polls = _registry.AddGauge(ServerMetricSpecs.WaitingPolls);
        _polls.Set(0);
        _registry.AddGauge(ServerMetricSpecs.Hosts, () => HostView.States.Select(
            state =>
                (
                    state,
                    (double)hosts.Unordered.Count(host => HostStates.NameOf(host.Sighting.Status.State) == state))));
        _registry.AddGauge(
            ServerMetricSpecs.Containers, () => hosts.Unordered.Sum(host => host.Inventory.Containers.Count));
        _registry.AddGauge(ServerMetricSpecs.LastEventId, () => events.Newest);
        _registry.AddGauge(ServerMetricSpecs.DatabaseCommits, () => database.Commits);
        _registry.AddGauge(ServerMetricSpecs.DatabaseRows, () => database.RowsWritten);
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
