using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Documents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Events;
using Drover.Wire.Gateway;

namespace Drover.Gateway.Admin;

/// <summary>What Swarm says of an agent's service, as operators see it.</summary>
internal static class ServiceListing
{
    // What is known is told within milliseconds; what is not is asked for, and an operator asks again.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>What is known now; null for an agent with a fixed address, and while nothing is known.</summary>
    public static async Task<GatewaySwarmServiceDto?> OfAsync(
        AgentSeat seat, IServiceWatch watch, TimeProvider time, CancellationToken cancellationToken)
    {
        if (seat.Document.Target is not AgentTarget.Service service)
        {
            return null;
        }

        var known = new TaskCompletionSource<ServiceObservation>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var subscription = watch.Subscribe(service.Name, seen => known.TrySetResult(seen));
        return await known.Task.WithinAsync(Patience, time, cancellationToken)
            ? Of(await known.Task, watch.IsReachable)
            : null;
    }

    private static GatewaySwarmServiceDto Of(ServiceObservation observation, bool isReachable) => new(
        isReachable,
        observation.ServiceId,
        observation.Replicas,
        observation.MemoryLimit,
        observation.MaxAttempts,
        [.. observation.Tasks.Select(Of)]);

    private static GatewayTaskDto Of(TaskObservation task) => new(
        task.Id,
        task.Phase switch
        {
            TaskPhase.Pending => "pending",
            TaskPhase.Preparing => "preparing",
            TaskPhase.Running => "running",
            TaskPhase.Ended => "ended",
            TaskPhase.Failed => "failed",
        },
        task.IsWanted,
        task.Address,
        task.ContainerId,
        task.IsLocal,
        task.IsPaused,
        task.Error,
        task.ExitCode);
}
