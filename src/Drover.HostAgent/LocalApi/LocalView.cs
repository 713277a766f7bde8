using Drover.HostAgent.Commands;
using Drover.HostAgent.Engine;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Metrics;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.LocalApi;

/// <summary>What the local API shows, read from the running parts at the moment it is asked for.</summary>
internal sealed class LocalView(
    HostAgentOptions options, EngineHealth engine, ServerLink link, ServerClock clock, Func<int> containers,
    Func<long> eventsWaiting, CommandRunner commands)
{
    private const string LogFollow = "log_follow";

    internal LocalHealthDto Health()
    {
        var counters = commands.Counters.Snapshot();
        var isOk = engine.State is EngineState.Up && link.Failure is null;
        return new LocalHealthDto(
            isOk ? "ok" : "degraded",
            engine.OnTheWire,
            link.Failure ?? "ok",
            link.LastHeartbeat,
            (long)clock.Offset.TotalMilliseconds,
            containers(),
            eventsWaiting(),
            commands.ReportsWaiting,
            counters.LastCommandAt,
            counters.Planes.ToDictionary(
                pair => pair.Key, pair => new LocalCountsDto(pair.Value.Success, pair.Value.Failed)));
    }

    internal LocalCapabilitiesDto Capabilities() => new(
        ComposeAgent: false, ControlPlanes.StatusPanel, options.AgentVersion, [.. CommandTypes.All, LogFollow],
        new HostPolicyDto(options.Policy.MonitorOnly, options.Policy.AllowedTypes, options.Policy.ProtectedApps));

    /// <summary>The same as metrics.</summary>
    internal MetricRegistry Metrics()
    {
        var metrics = new MetricRegistry();
        metrics.AddGauge(AgentMetricSpecs.DockerUp, () => engine.State is EngineState.Up ? 1 : 0);
        metrics.AddGauge(AgentMetricSpecs.ServerUp, () => link.Failure is null ? 1 : 0);
        metrics.AddGauge(AgentMetricSpecs.ClockSkew, () => clock.Offset.TotalSeconds);
        metrics.AddGauge(AgentMetricSpecs.Containers, () => containers());
        metrics.AddGauge(AgentMetricSpecs.EventsWaiting, () => eventsWaiting());
        metrics.AddGauge(AgentMetricSpecs.ReportsWaiting, () => commands.ReportsWaiting);
        metrics.AddGauge(
            AgentMetricSpecs.CommandsSucceeded,
            () => commands.Counters.Snapshot().Planes.Select(pair => (pair.Key, (double)pair.Value.Success)));
        metrics.AddGauge(
            AgentMetricSpecs.CommandsFailed,
            () => commands.Counters.Snapshot().Planes.Select(pair => (pair.Key, (double)pair.Value.Failed)));
        return metrics;
    }
}
