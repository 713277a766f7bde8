using System.Globalization;
using Drover.Core.Agents;
using Drover.Runtime.Docker.Swarm;

namespace Drover.Gateway.Swarm;

/// <summary>What Swarm says of a task and what the engine says of its container, as one observation.</summary>
internal static class TaskReading
{
    /// <summary>The observation of one task.</summary>
    /// <param name="task">What Swarm says.</param>
    /// <param name="fact">What this node's engine says of its container; null: nothing.</param>
    /// <param name="place">Where the gateway stands.</param>
    /// <param name="bridgeAddress">The container's address on this node's bridge; null: none.</param>
    public static TaskObservation Read(
        SwarmTask task, ContainerFact? fact, GatewayPlace place, string? bridgeAddress)
    {
        var said = PhaseOf(task.Status.State);
        var isWanted = IsWanted(task);
        var phase = fact is { IsOver: true } && said < TaskPhase.Ended
            ? isWanted && fact.ExitCode is not 0 ? TaskPhase.Failed : TaskPhase.Ended
            : said;
        var read = new TaskObservation
        {
            Id = task.Id,
            Phase = phase,
            IsWanted = isWanted,
            Address = place.AddressOf(task, bridgeAddress),
            ContainerId = ContainerOf(task) ?? fact?.ContainerId,
            IsLocal = task.NodeId.Length > 0 && task.NodeId == place.NodeId,
            HasStarted = fact is { HasStarted: true } || said is TaskPhase.Running,
            IsPaused = fact is { IsPaused: true, IsOver: false },
            ExitCode = ExitCode(task, fact, phase),
        };
        return read with { Error = ErrorOf(task, fact, read, place) };
    }

    /// <summary>True: it ended for a reason of its own, not because Swarm wished it.</summary>
    public static bool EndedByItself(SwarmTask task) =>
        task.Status.State is "complete" or "failed" or "rejected" or "orphaned";

    // The states and their order: https://docs.docker.com/engine/swarm/how-swarm-mode-works/swarm-task-states/
    private static TaskPhase PhaseOf(string state) => state switch
    {
        "assigned" or "accepted" or "preparing" or "ready" or "starting" => TaskPhase.Preparing,
        "running" => TaskPhase.Running,
        "complete" or "shutdown" or "remove" => TaskPhase.Ended,
        "failed" or "rejected" or "orphaned" => TaskPhase.Failed,
        _ => TaskPhase.Pending,
    };

    // "ready" is wanted of a task whose restart waits for its delay to pass.
    private static bool IsWanted(SwarmTask task) => PhaseOf(task.DesiredState) < TaskPhase.Ended;

    private static string? ContainerOf(SwarmTask task) =>
        task.Status.ContainerStatus is { ContainerId: { Length: > 0 } id } ? id : null;

    private static int? ExitCode(SwarmTask task, ContainerFact? fact, TaskPhase phase)
    {
        if (fact?.ExitCode is { } seen)
        {
            return seen;
        }

        // Before its end Swarm gives 0, and after a start that failed as well.
        return phase >= TaskPhase.Ended && ContainerOf(task) is not null
            && task.Status.ContainerStatus!.ExitCode is var code
            && (code is not 0 || task.Status.State is "complete")
                ? code
                : null;
    }

    private static string? ErrorOf(
        SwarmTask task, ContainerFact? fact, TaskObservation read, GatewayPlace place)
    {
        if (fact is { RanOutOfMemory: true, IsOver: true })
        {
            return "its container ran out of memory";
        }

        if (task.Status.Err is { Length: > 0 } said)
        {
            return said;
        }

        if (read is { Phase: TaskPhase.Failed, ExitCode: { } code })
        {
            // Swarm's own words, which follow in a moment.
            return string.Create(CultureInfo.InvariantCulture, $"task: non-zero exit ({code})");
        }

        return read is { IsUp: true, Address: null } ? place.WhyNone(task) : null;
    }
}
