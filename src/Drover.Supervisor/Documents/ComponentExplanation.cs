using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Configuration;
using Drover.Runtime.Probing;

namespace Drover.Supervisor.Documents;

/// <summary>
/// What the file means for one component before anything is started: what follows its ends, when its probes notice, and
/// what it surely was not meant to say. Pure: looks at nothing but the document.
/// </summary>
public sealed record ComponentExplanation
{
    private ComponentExplanation(ComponentDocument component) => Component = component;

    /// <summary>The component.</summary>
    public ComponentDocument Component { get; }

    /// <summary>What follows its ends, by the length of its runs; empty for what is only watched.</summary>
    public required IReadOnlyList<BandForecast> Timeline { get; init; }

    /// <summary>When its probes notice, in the order startup, liveness, readiness.</summary>
    public required IReadOnlyList<ProbeExplanation> Probes { get; init; }

    /// <summary>Sentences for the person who wrote the file; empty when nothing is odd.</summary>
    public required IReadOnlyList<string> Warnings { get; init; }

    /// <summary>Explains one component of a document.</summary>
    public static ComponentExplanation Of(SupervisorDocument document, ComponentDocument component)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(component);
        var isOwned = component.Spec.Ownership is Ownership.Owned;
        return new ComponentExplanation(component)
        {
            Timeline = isOwned
                ? [.. RestartForecast.Bands(component.Spec.Restart).Select(band => Look(component.Spec.Restart, band))]
                : [],
            Probes = [.. ProbesOf(component)],
            Warnings =
            [
                .. isOwned ? WarningsOfRestart(component.Spec) : [],
                .. WarningsOfProbes(component.Spec),
                .. ProbeWarnings.Of(document, component),
                .. WarningsOfSlowStart(component),
                .. WarningsOfNeeds(document, component),
            ],
        };
    }

    private static BandForecast Look(RestartPolicy policy, ForecastBand band) => new(
        band,
        RestartForecast.Of(policy, band.From),
        band is { End: ForecastEnd.Failed, To: { } to }
            ? RestartForecast.Of(policy, to - TimeSpan.FromTicks(1))
            : null);

    private static IEnumerable<ProbeExplanation> ProbesOf(ComponentDocument component)
    {
        foreach (var kind in Enum.GetValues<ProbeKind>())
        {
            if (component.TargetOf(kind) is { } target && component.Spec.Health.Of(kind) is { } spec)
            {
                yield return new ProbeExplanation(kind, target, spec, ProbeForecast.Of(kind, spec));
            }
        }
    }

    private static IEnumerable<string> WarningsOfRestart(ComponentSpec spec)
    {
        var policy = spec.Restart;
        if (policy.Mode is RestartMode.Never)
        {
            yield break;
        }

        var atOnce = RestartForecast.Of(policy, TimeSpan.Zero);
        if (atOnce.End is ForecastEnd.Never)
        {
            yield return $"restart: a component that dies at once is started again for ever: {policy.Limit} restarts "
                + $"take {Text(atOnce.Span)}, and the window is {Text(policy.Window)}. Make the window longer than "
                + "that, or the limit lower.";
        }

        if (StartupRun(spec) is { } startup
            && RestartForecast.Of(policy, startup) is { End: ForecastEnd.Never, IsGoodRun: var isGood })
        {
            var good = isGood ? $", a good run by min_uptime {Text(policy.MinUptime)}," : "";
            yield return $"startup: an instance that never becomes ready is ended after {Text(startup)}{good} and "
                + $"started again for ever: {policy.Limit} such runs do not fit into {Text(policy.Window)}. Make the "
                + $"window longer than {Text(RestartForecast.Of(policy, startup).Span)}, or give it less time to "
                + "start.";
        }

        if (HungRun(spec) is { } hung && RestartForecast.Of(policy, hung) is { End: ForecastEnd.Never } forecast)
        {
            yield return $"liveness: an instance that hangs from its start is ended after {Text(hung)} and started "
                + $"again for ever: {policy.Limit} such runs take {Text(forecast.Span)}, and the window is "
                + $"{Text(policy.Window)}.";
        }

        if (policy.RetryAfter == TimeSpan.Zero)
        {
            yield return "restart: once failed it stays failed until somebody starts it: retry_after is 0.";
        }
        else if (policy.RetryAfter < policy.Window)
        {
            yield return $"restart: retry_after {Text(policy.RetryAfter)} is shorter than window "
                + $"{Text(policy.Window)}: the try after failed counts as a restart, so it waits until there are fewer "
                + $"than {policy.Limit} within the window. Make retry_after as long as the window, or the window "
                + "shorter.";
        }
    }

    private static IEnumerable<string> WarningsOfProbes(ComponentSpec spec)
    {
        (string Name, ProbeSpec? Spec)[] probes =
        [
            ("startup", spec.Health.Startup),
            ("liveness", spec.Health.Liveness),
            ("readiness", spec.Health.Readiness),
        ];
        foreach (var (name, probe) in probes)
        {
            if (probe is not null && probe.Timeout > probe.Period)
            {
                yield return $"{name}: timeout {Text(probe.Timeout)} is longer than period {Text(probe.Period)}; while "
                    + "nothing answers, probes follow one another without a pause.";
            }
        }
    }

    private static IEnumerable<string> WarningsOfSlowStart(ComponentDocument component)
    {
        if (component is { Liveness: { } target, Spec.Health: { Startup: null, Liveness: { } liveness } }
            && Asks(target))
        {
            var patience = liveness.InitialDelay + ((liveness.FailureThreshold - 1) * liveness.Period);
            yield return $"liveness: an instance that needs more than {Text(patience)} until it answers is killed "
                + "while it starts. A startup probe gives it time.";
        }
    }

    /// <summary>True for a probe that the instance itself must answer, so that it can hang.</summary>
    public static bool Asks(ProbeTarget target) =>
        target is ProbeTarget.Tcp or ProbeTarget.Http or ProbeTarget.Grpc or ProbeTarget.Exec;

    private static IEnumerable<string> WarningsOfNeeds(SupervisorDocument document, ComponentDocument component)
    {
        foreach (var (name, condition) in component.DependsOn)
        {
            if (document.Find(name) is not { } need)
            {
                continue;
            }

            if (condition is DependencyCondition.Completed && need.Spec.Restart.Mode is RestartMode.Always)
            {
                yield return $"depends_on: \"{name}\" is started again after every end, so it is never completed. "
                    + "Give it restart: on-failure.";
            }
            else if (condition is DependencyCondition.Ready && need.Spec.Health is { Startup: null, Readiness: null })
            {
                yield return $"depends_on: \"{name}\" has neither a startup nor a readiness probe, so it is ready as "
                    + "soon as it runs.";
            }
        }
    }

    private static TimeSpan? StartupRun(ComponentSpec spec) =>
        spec.Health.Startup is { } startup ? ProbeForecast.Of(ProbeKind.Startup, startup).Hung : null;

    /// <summary>How long an instance lives whose liveness probe is never answered.</summary>
    private static TimeSpan? HungRun(ComponentSpec spec) => spec.Health.Liveness is { } liveness
        ? liveness.InitialDelay + ProbeForecast.Of(ProbeKind.Liveness, liveness).HungSoonest
        : null;

    private static string Text(TimeSpan span) => DurationText.Format(span);
}

/// <summary>What follows runs of a range of lengths.</summary>
/// <param name="Band">The range.</param>
/// <param name="Shortest">The timeline of the shortest of them.</param>
/// <param name="Longest">That of the longest; null where it does not differ in kind.</param>
public sealed record BandForecast(ForecastBand Band, RestartForecast Shortest, RestartForecast? Longest);

/// <summary>When one probe notices.</summary>
/// <param name="Kind">What it is asked for.</param>
/// <param name="Target">What it asks.</param>
/// <param name="Spec">How it is judged.</param>
/// <param name="Forecast">When it turns.</param>
public sealed record ProbeExplanation(
    ProbeKind Kind, ProbeTarget Target, ProbeSpec Spec, ProbeForecast Forecast);
