using Drover.Core.Health;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Probing;

/// <summary>
/// Asks one question of one component, once a run. A probe is made once and run for as long as its component is
/// watched, never twice at a time. A run may throw and may take any time: <see cref="ProbeExecution"/> bounds it.
/// </summary>
public interface IProbe
{
    /// <summary>Whom or what it asks, for people and without secrets: <c>tcp 127.0.0.1:7234</c>.</summary>
    string Description { get; }

    /// <summary>
    /// True when it asks nobody but the kernel's own tables: it waits for nothing and needs neither a thread of its own
    /// nor a timeout.
    /// </summary>
    bool IsImmediate => false;

    /// <summary>
    /// Runs it. An answer that is not good is a failure; only a probe that could not be run is an error.
    /// </summary>
    ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken);
}

/// <summary>What one run found.</summary>
/// <param name="Outcome">What the health machine counts.</param>
/// <param name="Message">A sentence for people, bounded, without secrets.</param>
public readonly record struct ProbeReport(ProbeOutcome Outcome, string Message)
{
    internal static ProbeReport Success(string message) => new(ProbeOutcome.Success, message);

    internal static ProbeReport Failure(string message) => new(ProbeOutcome.Failure, message);

    internal static ProbeReport Error(string message) => new(ProbeOutcome.Error, message);
}

/// <summary>The instance that is asked.</summary>
/// <param name="Instance">Its number, never used before.</param>
/// <param name="Process">Null where it is no process of ours.</param>
/// <param name="ContainerId">Null where it is no container.</param>
/// <param name="StartedAt">When it began to run, by the wall clock.</param>
public sealed record ProbeSubject(
    long Instance, ProcessIdentity? Process, string? ContainerId, DateTimeOffset StartedAt);
