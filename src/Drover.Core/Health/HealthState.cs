namespace Drover.Core.Health;

/// <summary>What the instance is doing, as far as its probes care.</summary>
public enum HealthPhase
{
    /// <summary>No instance runs.</summary>
    Idle,

    /// <summary>An instance runs.</summary>
    Running,

    /// <summary>The instance is being stopped: only readiness is still asked.</summary>
    ShuttingDown,
}

/// <summary>One probe at work.</summary>
/// <param name="Result">What is believed, after thresholds.</param>
/// <param name="LastOutcome">What the last run found; null before the first. Errors leave it as it is.</param>
/// <param name="InARow">How many times in a row it found that.</param>
/// <param name="Message">What the last run said, errors included.</param>
public sealed record ProbeState(
    ProbeResult Result, ProbeOutcome? LastOutcome = null, int InARow = 0, string Message = "")
{
    /// <summary>True from the failure of a startup or liveness probe until there is a new instance.</summary>
    public bool OnHold { get; init; }

    /// <summary>When it runs next; null while it runs or rests.</summary>
    public TimeSpan? Due { get; init; }

    /// <summary>Since when it runs; null while it does not.</summary>
    public TimeSpan? RunningSince { get; init; }

    /// <summary>The timer or run whose input is awaited; inputs with another epoch are stale.</summary>
    public long Epoch { get; init; }

    /// <summary>The instant from which its periods are counted.</summary>
    public TimeSpan Anchor { get; init; }
}

/// <summary>
/// What is known of the health of one component's present instance. Serialisable, so that a supervisor that starts
/// again neither forgets a readiness nor counts a failure twice.
/// </summary>
/// <param name="Phase">What the instance is doing.</param>
/// <param name="Instance">Number of the present or last instance; 0 before the first.</param>
/// <param name="Started">The startup probe has succeeded, or there is none.</param>
/// <param name="Ready">Started, and the readiness probe is at success, or there is none.</param>
/// <param name="Epoch">The last epoch given out.</param>
/// <param name="Startup">Null where the component has no such probe.</param>
/// <param name="Liveness">Null where the component has no such probe.</param>
/// <param name="Readiness">Null where the component has no such probe.</param>
public sealed record HealthState(
    HealthPhase Phase,
    long Instance,
    bool Started,
    bool Ready,
    long Epoch,
    ProbeState? Startup,
    ProbeState? Liveness,
    ProbeState? Readiness)
{
    /// <summary>Before the first instance.</summary>
    public static readonly HealthState Initial = new(HealthPhase.Idle, 0, false, false, 0, null, null, null);

    /// <summary>The probe of that kind.</summary>
    public ProbeState? Of(ProbeKind kind) => kind switch
    {
        ProbeKind.Startup => Startup,
        ProbeKind.Liveness => Liveness,
        ProbeKind.Readiness => Readiness,
    };

    internal HealthState With(ProbeKind kind, ProbeState? probe) => kind switch
    {
        ProbeKind.Startup => this with { Startup = probe },
        ProbeKind.Liveness => this with { Liveness = probe },
        ProbeKind.Readiness => this with { Readiness = probe },
    };
}
