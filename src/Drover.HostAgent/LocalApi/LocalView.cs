using Drover.HostAgent.Commands;
using Drover.HostAgent.Engine;
using Drover.HostAgent.Transport;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Metrics;
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
        metrics.AddGauge(
            "drover_agent_docker_up", "1 while the Docker Engine answers.",
            () => engine.State is EngineState.Up ? 1 : 0);
        metrics.AddGauge(
            "drover_agent_server_up", "1 while the server answers heartbeats.", () => link.Failure is null ? 1 : 0);
        metrics.AddGauge(
            "drover_agent_clock_skew_seconds", "The server's clock minus this host's.",
            () => clock.Offset.TotalSeconds);
        metrics.AddGauge(
            "drover_agent_containers", "Containers of this host.", () => containers());
        metrics.AddGauge("drover_agent_events_waiting", "Events the server does not have yet.", () => eventsWaiting());
        metrics.AddGauge(
            "drover_agent_reports_waiting", "Command reports the server does not have yet.",
            () => commands.ReportsWaiting);
        metrics.AddGauge(
            "drover_agent_commands_succeeded", "Commands that did what was ordered, since the start.", "control_plane",
            () => commands.Counters.Snapshot().Planes.Select(pair => (pair.Key, (double)pair.Value.Success)));
        metrics.AddGauge(
            "drover_agent_commands_failed", "Commands that did not, since the start.", "control_plane",
            () => commands.Counters.Snapshot().Planes.Select(pair => (pair.Key, (double)pair.Value.Failed)));
        return metrics;
    }
}
