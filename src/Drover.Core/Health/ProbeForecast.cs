namespace Drover.Core.Health;

/// <summary>
/// When a probe turns, by the clock alone: tests hold it against <see cref="HealthMachine"/>. A refusal is answered at
/// once; a hang is noticed at the timeout, and while it lasts probes follow one another no faster than they end.
/// </summary>
/// <param name="Refused">
/// Startup: from the start of an instance that refuses from the beginning to its failure. Else: the longest from the
/// first refusal to the failure.
/// </param>
/// <param name="Hung">The same for an instance that takes the question and never answers.</param>
/// <param name="HungSoonest">The shortest such time. The same as <paramref name="Hung"/> for a startup probe.</param>
public sealed record ProbeForecast(TimeSpan Refused, TimeSpan Hung, TimeSpan HungSoonest)
{
    /// <summary>Looks ahead.</summary>
    /// <param name="kind">What the probe is asked for.</param>
    /// <param name="spec">Usable: <see cref="ProbeSpec.Fault"/> has nothing to say.</param>
    public static ProbeForecast Of(ProbeKind kind, ProbeSpec spec)
    {
        var more = spec.FailureThreshold - 1;
        var refused = more * spec.Period;
        var hung = (more * (spec.Period > spec.Timeout ? spec.Period : spec.Timeout)) + spec.Timeout;
        return kind is ProbeKind.Startup
            ? new ProbeForecast(spec.InitialDelay + refused, spec.InitialDelay + hung, spec.InitialDelay + hung)
            : new ProbeForecast(spec.Period + refused, spec.Period + hung, hung);
    }
}
