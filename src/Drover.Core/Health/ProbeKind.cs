namespace Drover.Core.Health;

/// <summary>What a probe is asked for.</summary>
public enum ProbeKind
{
    /// <summary>
    /// Has it finished starting? Holds the other two back until it succeeds once; its failure ends the instance.
    /// Use it for whatever starts slowly, in the place of a long initial delay.
    /// </summary>
    Startup,

    /// <summary>
    /// Does it hang? Its failure ends the instance. Probe nothing that depends on others, or their outage becomes a
    /// storm of restarts.
    /// </summary>
    Liveness,

    /// <summary>Can it serve just now? Its failure shows and counts for dependents; it ends nothing.</summary>
    Readiness,
}

/// <summary>What one run of a probe found.</summary>
public enum ProbeOutcome
{
    /// <summary>It answered well.</summary>
    Success,

    /// <summary>It answered badly or not in time.</summary>
    Failure,

    /// <summary>The probe itself could not be run. Counts for nothing, for it says nothing of the instance.</summary>
    Error,
}

/// <summary>What is believed of an instance by one probe, after thresholds.</summary>
public enum ProbeResult
{
    /// <summary>Nothing yet: where a startup probe begins.</summary>
    Unknown,

    /// <summary>Where a liveness probe begins.</summary>
    Success,

    /// <summary>Where a readiness probe begins.</summary>
    Failure,
}
