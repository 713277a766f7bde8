using System.Globalization;
using Drover.Core.Health;

namespace Drover.Core.Components;

/// <summary>Why an instance ended or could not be started. The causes are never mixed up with one another.</summary>
public abstract record EndCause
{
    /// <summary>One word for events, metrics and history.</summary>
    public abstract string Word { get; }

    /// <summary>What happened, as a sentence for people without a full stop.</summary>
    public abstract string Message { get; }

    /// <summary>True when a restart policy of <c>on-failure</c> restarts after it.</summary>
    public virtual bool IsFailure => true;

    /// <summary>It ended by itself.</summary>
    /// <param name="Code">Its exit code; 0 is no failure.</param>
    public sealed record Exit(int Code) : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "exit";

        /// <inheritdoc/>
        public override string Message => string.Create(CultureInfo.InvariantCulture, $"exited with code {Code}");

        /// <inheritdoc/>
        public override bool IsFailure => Code != 0;
    }

    /// <summary>A signal that we did not send ended it.</summary>
    /// <param name="Name">As <c>SIGSEGV</c>.</param>
    /// <param name="CoreDumped">True when it left a core dump.</param>
    public sealed record Signal(string Name, bool CoreDumped = false) : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "signal";

        /// <inheritdoc/>
        public override string Message => $"was ended by {Name}{(CoreDumped ? " and dumped core" : "")}";
    }

    /// <summary>The kernel killed it for want of memory.</summary>
    public sealed record OutOfMemory : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "oom";

        /// <inheritdoc/>
        public override string Message => "was killed for want of memory";
    }

    /// <summary>We ended it, because a startup or liveness probe failed.</summary>
    /// <param name="Kind">Which.</param>
    /// <param name="Detail">What the probe said last.</param>
    public sealed record Probe(ProbeKind Kind, string Detail) : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "probe";

        /// <inheritdoc/>
        public override string Message =>
            $"failed its {(Kind is ProbeKind.Startup ? "startup" : "liveness")} probe: {Detail}";
    }

    /// <summary>It could not be started: no such file, not executable, no such user, no such image.</summary>
    /// <param name="Detail">Why.</param>
    public sealed record FailedStart(string Detail) : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "failed_start";

        /// <inheritdoc/>
        public override string Message => $"could not be started: {Detail}";
    }

    /// <summary>
    /// The dynamic loader refused it: <c>GLIBC_2.38 not found</c>. Restarting will not help, a rebuild will.
    /// </summary>
    /// <param name="Detail">What the loader said.</param>
    public sealed record LoaderError(string Detail) : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "loader";

        /// <inheritdoc/>
        public override string Message => $"could not be loaded: {Detail}";
    }

    /// <summary>An operator ordered it.</summary>
    public sealed record Operator : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "operator";

        /// <inheritdoc/>
        public override string Message => "was ordered by an operator";

        /// <inheritdoc/>
        public override bool IsFailure => false;
    }

    /// <summary>It ended while nobody watched, and how cannot be told.</summary>
    public sealed record Unknown : EndCause
    {
        /// <inheritdoc/>
        public override string Word => "unknown";

        /// <inheritdoc/>
        public override string Message => "ended while the supervisor was away";
    }
}
