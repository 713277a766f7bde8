namespace Drover.Core.Health;

/// <summary>
/// How one probe is run and judged, with the meaning and the defaults of Kubernetes' fields of the same names.
/// What it probes (a port, a file, a command) is the prober's business.
/// </summary>
public sealed record ProbeSpec
{
    /// <summary>How long after the start of an instance the first probe runs.</summary>
    public TimeSpan InitialDelay { get; init; } = TimeSpan.Zero;

    /// <summary>The distance between the starts of two probes.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A probe that takes longer is a failure.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>So many successes in a row turn the result to success; 1 for startup and liveness.</summary>
    public int SuccessThreshold { get; init; } = 1;

    /// <summary>So many failures in a row turn the result to failure.</summary>
    public int FailureThreshold { get; init; } = 3;

    /// <summary>Grace between signal and kill when this probe ends an instance; null for the component's own.</summary>
    public TimeSpan? StopGrace { get; init; }

    /// <summary>Why these values cannot be used for a probe of that kind, naming the key; null when they can.</summary>
    public string? Fault(ProbeKind kind) => this switch
    {
        _ when InitialDelay < TimeSpan.Zero => "initial_delay must not be negative",
        _ when Period <= TimeSpan.Zero => "period must be longer than zero",
        _ when Timeout <= TimeSpan.Zero => "timeout must be longer than zero",
        _ when FailureThreshold < 1 => "failure_threshold must be at least 1",
        _ when SuccessThreshold < 1 => "success_threshold must be at least 1",
        _ when kind is not ProbeKind.Readiness && SuccessThreshold != 1 =>
            "success_threshold must be 1 for a startup or liveness probe",
        _ when kind is ProbeKind.Readiness && StopGrace is not null =>
            "stop_grace has no meaning for a readiness probe: it ends nothing",
        _ when StopGrace < TimeSpan.Zero => "stop_grace must not be negative",
        _ => null,
    };
}

/// <summary>The probes of a component; null where it has none of the kind.</summary>
public sealed record HealthSpec(ProbeSpec? Startup = null, ProbeSpec? Liveness = null, ProbeSpec? Readiness = null)
{
    /// <summary>No probes: an instance is ready as soon as it runs, and only its exit ends it.</summary>
    public static readonly HealthSpec None = new();

    /// <summary>The probe of that kind.</summary>
    public ProbeSpec? Of(ProbeKind kind) => kind switch
    {
        ProbeKind.Startup => Startup,
        ProbeKind.Liveness => Liveness,
        ProbeKind.Readiness => Readiness,
    };
}
