using Drover.Core.Health;

namespace Drover.Core.Components;

/// <summary>Everything that can happen to a component.</summary>
/// <param name="Now">When it happened, on the machine's monotonic clock.</param>
public abstract record Input(TimeSpan Now)
{
    /// <summary>
    /// Picks the jitter of a delay this input leads to, from 0 to 1; 0.5 is none. Drawn by the runner.
    /// </summary>
    public double Chance { get; init; } = 0.5;

    /// <summary>An operator, or the start of the supervisor, wants it running.</summary>
    public sealed record Start(TimeSpan Now) : Input(Now);

    /// <summary>An operator, or the end of the supervisor, wants it at rest.</summary>
    public sealed record Stop(TimeSpan Now) : Input(Now);

    /// <summary>An operator wants a new instance.</summary>
    public sealed record Restart(TimeSpan Now) : Input(Now);

    /// <summary>The launch of the instance succeeded.</summary>
    public sealed record Launched(TimeSpan Now, long Instance) : Input(Now);

    /// <summary>The launch of the instance failed; there is none.</summary>
    public sealed record LaunchFailed(TimeSpan Now, long Instance, EndCause Cause) : Input(Now);

    /// <summary>The instance's own process has ended, and what it started has not yet.</summary>
    public sealed record Ending(TimeSpan Now, long Instance, EndCause Cause) : Input(Now);

    /// <summary>The instance ended, and nothing it started is left.</summary>
    public sealed record Exited(TimeSpan Now, long Instance, EndCause Cause) : Input(Now);

    /// <summary><see cref="HealthEffect.BecameReady"/>.</summary>
    public sealed record BecameReady(TimeSpan Now, long Instance) : Input(Now);

    /// <summary><see cref="HealthEffect.BecameUnready"/>.</summary>
    public sealed record BecameUnready(TimeSpan Now, long Instance, string Message) : Input(Now);

    /// <summary><see cref="HealthEffect.Failed"/>.</summary>
    public sealed record ProbeFailed(
        TimeSpan Now, long Instance, ProbeKind Kind, string Message, TimeSpan? StopGrace = null)
        : Input(Now);

    /// <summary>The timer of <see cref="Effect.Wake"/> went off.</summary>
    public sealed record Woke(TimeSpan Now, long Epoch) : Input(Now);

    /// <summary>The supervisor has started again on the same boot and looked for the recorded instance.</summary>
    /// <param name="Now">The present.</param>
    /// <param name="IsAlive">True when it runs, proven by its identity and not by its number alone.</param>
    public sealed record Recovered(TimeSpan Now, bool IsAlive) : Input(Now)
    {
        /// <summary>How it ended, where that can be told: a container keeps its exit code. Null: it cannot.</summary>
        public EndCause? Cause { get; init; }

        /// <summary>
        /// When it began to run, where that was not recorded because the supervisor died right after the launch. Null:
        /// not known.
        /// </summary>
        public TimeSpan? StartedAt { get; init; }

        /// <summary>
        /// The highest number of an instance that was found, beside the one that is adopted, and ended. Higher than
        /// the recorded one where the disk refused what was decided last.
        /// </summary>
        public long LastSeen { get; init; }

        /// <summary>
        /// True when its own process, or that of <see cref="LastSeen"/>, has ended and what it started could not be
        /// ended so far; <see cref="Exited"/> follows when it was.
        /// </summary>
        public bool IsEnding { get; init; }
    }

    /// <summary>
    /// The user's file changed. What it says counts from the next decision on; nothing is restarted by it.
    /// </summary>
    public sealed record Reconfigured(TimeSpan Now, ComponentSpec Spec) : Input(Now)
    {
        /// <summary>Probes that ask something else from now on, though they may ask it as often as before.</summary>
        public IReadOnlyList<ProbeKind> OtherTargets { get; init; } = [];
    }
}
