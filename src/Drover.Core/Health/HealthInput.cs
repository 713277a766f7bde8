namespace Drover.Core.Health;

/// <summary>Everything that can change the health of a component.</summary>
/// <param name="Now">When it happened, on the machine's monotonic clock.</param>
public abstract record HealthInput(TimeSpan Now)
{
    /// <summary>A new instance runs.</summary>
    /// <param name="Now">When it began to run.</param>
    /// <param name="Instance">Its number, never used before.</param>
    public sealed record InstanceStarted(TimeSpan Now, long Instance) : HealthInput(Now);

    /// <summary>The supervisor has started again and found the instance running.</summary>
    /// <param name="Now">The present.</param>
    /// <param name="Instance">Its number; results are kept when it is the known one.</param>
    /// <param name="StartedAt">When the instance began to run.</param>
    /// <param name="Spread">
    /// From 0 to 1: the part of a period to wait first, so that not all probes run at once.
    /// </param>
    public sealed record InstanceAdopted(TimeSpan Now, long Instance, TimeSpan StartedAt, double Spread)
        : HealthInput(Now);

    /// <summary>The instance ended.</summary>
    /// <param name="Now">When.</param>
    public sealed record InstanceEnded(TimeSpan Now) : HealthInput(Now);

    /// <summary>The instance was told to stop.</summary>
    /// <param name="Now">When.</param>
    public sealed record ShutdownBegan(TimeSpan Now) : HealthInput(Now);

    /// <summary>The user's file says something else of these probes. They count from now on, not from the next
    /// instance on.</summary>
    /// <param name="Now">When.</param>
    /// <param name="StartedAt">When the instance began to run.</param>
    /// <param name="Kinds">Those that are new, gone, or asked otherwise.</param>
    public sealed record ProbesChanged(TimeSpan Now, TimeSpan StartedAt, IReadOnlyList<ProbeKind> Kinds)
        : HealthInput(Now);

    /// <summary>The timer of <see cref="HealthEffect.ProbeAt"/> went off.</summary>
    /// <param name="Now">When.</param>
    /// <param name="Kind">Of which probe.</param>
    /// <param name="Epoch">The epoch it was set in.</param>
    public sealed record ProbeDue(TimeSpan Now, ProbeKind Kind, long Epoch) : HealthInput(Now);

    /// <summary>The run ordered by <see cref="HealthEffect.RunProbe"/> ended.</summary>
    /// <param name="Now">When.</param>
    /// <param name="Kind">Of which probe.</param>
    /// <param name="Epoch">The epoch it was ordered in.</param>
    /// <param name="Outcome">What it found.</param>
    /// <param name="Message">What it said, for people.</param>
    public sealed record ProbeEnded(TimeSpan Now, ProbeKind Kind, long Epoch, ProbeOutcome Outcome, string Message)
        : HealthInput(Now);
}

/// <summary>What <see cref="HealthMachine"/> wants done or known, in this order.</summary>
public abstract record HealthEffect
{
    /// <summary>
    /// Set a timer that comes back as <see cref="HealthInput.ProbeDue"/>; an instant in the past means now.
    /// </summary>
    public sealed record ProbeAt(ProbeKind Kind, TimeSpan At, long Epoch) : HealthEffect;

    /// <summary>
    /// Run the probe, bounded by the timeout; its end comes back as <see cref="HealthInput.ProbeEnded"/>.
    /// </summary>
    public sealed record RunProbe(ProbeKind Kind, long Instance, long Epoch, TimeSpan Timeout) : HealthEffect;

    /// <summary>The instance has finished starting.</summary>
    public sealed record Started(long Instance) : HealthEffect;

    /// <summary>The instance serves.</summary>
    public sealed record BecameReady(long Instance) : HealthEffect;

    /// <summary>The instance does not serve any more, or never has and failed as often as it may.</summary>
    public sealed record BecameUnready(long Instance, string Message) : HealthEffect;

    /// <summary>The instance must be ended: its startup or liveness probe failed as often as it may.</summary>
    public sealed record Failed(long Instance, ProbeKind Kind, string Message, TimeSpan? StopGrace) : HealthEffect;
}

/// <summary>What <see cref="HealthMachine"/> decided.</summary>
/// <param name="Next">The state from now on.</param>
/// <param name="Effects">What to do, in order.</param>
public sealed record HealthTransition(HealthState Next, IReadOnlyList<HealthEffect> Effects);
