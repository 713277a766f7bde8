using System.Net.Sockets;
using Drover.HostAgent.Events;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Engine;
using Drover.Runtime.Docker.Events;
using Drover.Wire.Inventory;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Engine;

/// <summary>
/// Listens to the engine for as long as the agent lives: an engine that is absent, stops, hangs or comes back is a
/// state that is told, never an end. Hands events to the recorder and marks what the inventory must look at again.
/// </summary>
internal sealed partial class EngineRunner(
    DockerClient docker, EngineHealth health, InventoryRunner inventory, InventorySync sync, EventRecorder recorder,
    HostAgentOptions options, Uri server, ILogger<EngineRunner> logger)
{
    /// <summary>Health checks run commands in their containers all the time; those events are not asked for at
    /// all.</summary>
    private static readonly EngineWatchOptions WatchOptions = new()
    {
        Filters = Wanted(
            "create", "start", "die", "oom", "health_status", "pause", "unpause", "destroy", "rename", "update",
            "connect", "disconnect"),
    };

    /// <summary>Listens until cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        inventory.GapClosed += recorder.CloseGap;
        recorder.Missed += () => inventory.MarkAll(afterGap: true);
        await foreach (var notice in docker.Events.Watch(WatchOptions).ReadAsync(cancellationToken))
        {
            switch (notice)
            {
                case EngineNotice.StateChanged(var state, var reason):
                    await ChangeAsync(state, reason, cancellationToken);
                    break;
                case EngineNotice.Resync:
                    recorder.BeginGap();
                    inventory.MarkAll(afterGap: true);
                    break;
                case EngineNotice.Happened(var happened):
                    Tell(happened);
                    break;
            }
        }
    }

    private async Task ChangeAsync(EngineState state, string reason, CancellationToken cancellationToken)
    {
        LogState(state is EngineState.Up ? LogLevel.Information : LogLevel.Warning, state, reason);
        health.State = state;
        if (state is not EngineState.Up)
        {
            return;
        }

        inventory.MarkAll(afterGap: false);
        try
        {
            sync.Show(FactsOf(await docker.System.InfoAsync(cancellationToken)));
        }
        catch (DockerException error)
        {
            // It went away again; the next time it comes up the facts are asked for anew.
            LogNoFacts(error.Message);
        }
    }

    private void Tell(DockerEvent happened)
    {
        if (happened.Type == "container")
        {
            inventory.MarkChanged(happened.ActorId);
            recorder.Tell(happened);
        }
        else if (happened["container"] is { } container)
        {
            inventory.MarkChanged(container);
        }
    }

    private HostFactsDto FactsOf(EngineFacts facts) => new(
        OwnAddress(), options.AgentVersion, facts.CpuCount, facts.MemoryTotalBytes, facts.OperatingSystem,
        facts.KernelVersion,
        facts.Architecture, facts.ServerVersion,
        new HostPolicyDto(options.Policy.MonitorOnly, options.Policy.AllowedTypes, options.Policy.ProtectedApps));

    /// <summary>The address of this machine that a packet to the server would carry; nothing is sent to find
    /// out.</summary>
    private string? OwnAddress()
    {
        try
        {
            using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
            socket.Connect(server.Host, server.Port);
            return (socket.LocalEndPoint as System.Net.IPEndPoint)?.Address is { } address
                ? (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString()
                : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static DockerFilters Wanted(params string[] actions) => actions.Aggregate(
        DockerFilters.Where("type", "container").And("type", "network"),
        (filters, action) => filters.And("event", action));

    [LoggerMessage(EventId = 2060, Message = "the Docker Engine is {State}: {Reason}")]
    private partial void LogState(LogLevel level, EngineState state, string reason);

    [LoggerMessage(2061, LogLevel.Warning, "{Reason}; the host's facts follow later")]
    private partial void LogNoFacts(string reason);
}
