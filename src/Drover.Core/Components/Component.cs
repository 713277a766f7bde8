using Drover.Core.Health;

namespace Drover.Core.Components;

/// <summary>What a component is called, unique within its supervisor.</summary>
public readonly record struct ComponentId(string Name)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>How an instance is asked to end, and how long it may take before it is killed.</summary>
/// <param name="Signal">As <c>SIGTERM</c>.</param>
/// <param name="Grace">From the signal to the kill.</param>
public sealed record StopPolicy(string Signal, TimeSpan Grace)
{
    /// <summary>SIGTERM and ten seconds.</summary>
    public static readonly StopPolicy Default = new("SIGTERM", TimeSpan.FromSeconds(10));
}

/// <summary>
/// What the user's file says of a component, as far as decisions depend on it. What is launched (a command, an image)
/// is the launcher's business, so that a new kind of component changes nothing here.
/// </summary>
public sealed record ComponentSpec
{
    /// <summary>Who brings instances into being.</summary>
    public Ownership Ownership { get; init; } = Ownership.Owned;

    /// <summary>When it is started again.</summary>
    public RestartPolicy Restart { get; init; } = new();

    /// <summary>How it is stopped.</summary>
    public StopPolicy Stop { get; init; } = StopPolicy.Default;

    /// <summary>Its probes.</summary>
    public HealthSpec Health { get; init; } = HealthSpec.None;

    /// <summary>Why these values cannot be used, naming the key; null when they can.</summary>
    public string? Fault()
    {
        if (Ownership is Ownership.Watched && (Health.Startup ?? Health.Liveness) is not null)
        {
            return "an external component takes a readiness probe only: there is nothing to end or start again";
        }

        if (Stop.Grace < TimeSpan.Zero)
        {
            return "stop_grace must not be negative";
        }

        return Restart.Fault()
            ?? Health.Startup?.Fault(ProbeKind.Startup)
            ?? Health.Liveness?.Fault(ProbeKind.Liveness)
            ?? Health.Readiness?.Fault(ProbeKind.Readiness);
    }
}

/// <summary>
/// What a component has lived through. Serialisable: instants are spans on the machine's monotonic clock, so they hold
/// over a restart of the supervisor and mean nothing after a restart of the machine.
/// </summary>
public sealed record ComponentRuntime
{
    /// <summary>A component that was never started.</summary>
    public static readonly ComponentRuntime Initial = new();

    /// <summary>What it is doing.</summary>
    public ComponentState State { get; init; } = ComponentState.Stopped;

    /// <summary>How far the present instance has come.</summary>
    public InstancePhase Phase { get; init; }

    /// <summary>Number of the present or last instance, never used twice; 0 before the first.</summary>
    public long Instance { get; init; }

    /// <summary>When the present or last instance began to run; null when it never did.</summary>
    public TimeSpan? StartedAt { get; init; }

    /// <summary>The timer that is waited for; one with another epoch is stale.</summary>
    public long Epoch { get; init; }

    /// <summary>When that timer goes off; null when none is waited for.</summary>
    public TimeSpan? WakeAt { get; init; }

    /// <summary>While stopping: what follows.</summary>
    public StopPurpose Purpose { get; init; }

    /// <summary>While stopping to recover: whether the run had been a good one when its probe failed.</summary>
    public bool WasGoodRun { get; init; }

    /// <summary>While stopping: how often the instance was killed.</summary>
    public int Kills { get; init; }

    /// <summary>Runs in a row that were not good; picks the delay.</summary>
    public int BadRuns { get; init; }

    /// <summary>True while the present instance is the one try after <c>failed</c>.</summary>
    public bool IsRetry { get; init; }

    /// <summary>The restarts that count towards the limit.</summary>
    public RestartLedger Ledger { get; init; } = RestartLedger.Empty;

    /// <summary>All restarts that nobody ordered, ever.</summary>
    public long Restarts { get; init; }

    /// <summary>When the last of them was; null when there was none.</summary>
    public TimeSpan? LastRestartAt { get; init; }

    /// <summary>What made it necessary; null when there was none, or it was before the machine started.</summary>
    public EndCause? LastRestartCause { get; init; }

    /// <summary>Why the last instance ended, or is being ended; null before the first end.</summary>
    public EndCause? LastCause { get; init; }

    /// <summary>
    /// What is left of it when the machine itself started again: no instance lives, and no instant means anything any
    /// more. Numbers go on, so that none is used twice.
    /// </summary>
    public ComponentRuntime AfterReboot() => Initial with
    {
        Instance = Instance,
        Epoch = Epoch + 1,
        Restarts = Restarts,
        LastCause = LastCause,
    };

    /// <summary>True when it rests because it did what it had to do.</summary>
    public bool IsCompleted => State is ComponentState.Stopped && LastCause is EndCause.Exit { Code: 0 };
}

/// <summary>A component: who it is, what was configured, what it has lived through.</summary>
public sealed record Component(ComponentId Id, ComponentSpec Spec, ComponentRuntime Runtime);
