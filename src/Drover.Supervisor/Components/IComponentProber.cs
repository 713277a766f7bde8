using Drover.Core.Health;
using Drover.Supervisor.State;

namespace Drover.Supervisor.Components;

/// <summary>Runs the probes of one component.</summary>
internal interface IComponentProber
{
    /// <summary>What a probe asks, for people; null where the component has no such probe.</summary>
    string? TargetOf(ProbeKind kind);

    /// <summary>True when a run answers without waiting for anything, so that the caller may be the one to run
    /// it.</summary>
    bool IsImmediate(ProbeKind kind) => false;

    /// <summary>
    /// Runs a probe once. Takes no longer than the timeout; never throws but for cancellation.
    /// </summary>
    /// <param name="kind">Which.</param>
    /// <param name="instance">Number of the instance that is asked.</param>
    /// <param name="record">How it is found; null for what somebody else launched.</param>
    /// <param name="startedAt">When it began to run.</param>
    /// <param name="timeout">The most time it may take.</param>
    /// <param name="cancellationToken">Cancelled when the instance ends.</param>
    Task<ProbeRun> RunAsync(
        ProbeKind kind,
        long instance,
        InstanceRecord? record,
        DateTimeOffset startedAt,
        TimeSpan timeout,
        CancellationToken cancellationToken);
}

/// <summary>What one run of a probe found.</summary>
internal readonly record struct ProbeRun(ProbeOutcome Outcome, string Message, TimeSpan Latency);
