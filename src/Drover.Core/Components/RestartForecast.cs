namespace Drover.Core.Components;

/// <summary>What becomes of a component whose every run is as long.</summary>
public enum ForecastEnd
{
    /// <summary>It is started again for ever: the limit is never reached.</summary>
    Never,

    /// <summary>The limit is reached: <c>failed</c>.</summary>
    Failed,

    /// <summary>It rests after its first run: the policy does not restart.</summary>
    Rests,
}

/// <summary>One restart of a forecast; instants count from the first start.</summary>
/// <param name="Number">From 1.</param>
/// <param name="EndedAt">When the run before it ended.</param>
/// <param name="Delay">How long the restart waits then; zero for at once.</param>
public readonly record struct ForecastRestart(int Number, TimeSpan EndedAt, TimeSpan Delay)
{
    /// <summary>When the new instance is launched.</summary>
    public TimeSpan At => EndedAt + Delay;
}

/// <summary>
/// The nominal timeline a restart policy gives a component whose runs all end as failures after the same time: without
/// jitter, launches taking no time. Arithmetic of its own; tests hold it against <see cref="ComponentMachine"/>.
/// <para>
/// Why one look decides: from one restart to the next the delays never shrink, so neither does the stretch that any
/// ten (<see cref="RestartPolicy.Limit"/>) restarts take. If the first ten do not fit into the window, none ever do.
/// </para>
/// </summary>
public sealed record RestartForecast
{
    private RestartForecast(
        RestartPolicy policy, TimeSpan run, TimeSpan ending, IReadOnlyList<ForecastRestart> restarts)
    {
        Policy = policy;
        Run = run;
        Ending = ending;
        Restarts = restarts;
    }

    /// <summary>The policy.</summary>
    public RestartPolicy Policy { get; }

    /// <summary>How long each run lasts, up to its end or to the failure of the probe that ends it.</summary>
    public TimeSpan Run { get; }

    /// <summary>How long the end takes after that: from a probe's failure to the exit. Zero for a crash.</summary>
    public TimeSpan Ending { get; }

    /// <summary>The first restarts, as many as the limit allows within its window.</summary>
    public IReadOnlyList<ForecastRestart> Restarts { get; }

    /// <summary>True where the runs are long enough for the next to follow at once.</summary>
    public bool IsGoodRun => Run >= Policy.MinUptime;

    /// <summary>How it ends.</summary>
    public ForecastEnd End { get; private init; }

    /// <summary>When it is given up; null when it is not.</summary>
    public TimeSpan? FailedAt { get; private init; }

    /// <summary>When the one try after that is made, which is not before the first restart has left the window; null
    /// when none is.</summary>
    public TimeSpan? RetryAt => FailedAt is { } failed && Policy.RetryAfter > TimeSpan.Zero
        ? TimeSpan.FromTicks(Math.Max((failed + Policy.RetryAfter).Ticks, (Restarts[0].At + Policy.Window).Ticks))
        : null;

    /// <summary>The restarts of the limit take at least this long, from the first of them to the end that would
    /// exceed it. The limit is reached when this is shorter than the window.</summary>
    public TimeSpan Span { get; private init; }

    /// <summary>Looks ahead. Takes time and memory in proportion to the policy's limit.</summary>
    /// <param name="policy">Usable: <see cref="RestartPolicy.Fault"/> has nothing to say.</param>
    /// <param name="run">How long each run lasts; not negative.</param>
    /// <param name="ending">How long each end takes after its run; not negative.</param>
    public static RestartForecast Of(RestartPolicy policy, TimeSpan run, TimeSpan ending = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(run, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(ending, TimeSpan.Zero);
        if (policy.Mode is RestartMode.Never)
        {
            return new RestartForecast(policy, run, ending, []) { End = ForecastEnd.Rests };
        }

        var restarts = new List<ForecastRestart>();
        var endedAt = run + ending;
        for (var number = 1; number <= policy.Limit; number++)
        {
            var delay = run >= policy.MinUptime ? TimeSpan.Zero : policy.Backoff.Nominal(number);
            var restart = new ForecastRestart(number, endedAt, delay);
            restarts.Add(restart);
            endedAt = restart.At + run + ending;
        }

        var span = endedAt - restarts[0].At;
        var fails = span < policy.Window;
        return new RestartForecast(policy, run, ending, restarts)
        {
            End = fails ? ForecastEnd.Failed : ForecastEnd.Never,
            FailedAt = fails ? endedAt : null,
            Span = span,
        };
    }

    /// <summary>
    /// What becomes of a component by the length of its runs: neighbouring bands, the first from zero, the last without
    /// an end. Where the runs of a band reach the limit, they all do.
    /// </summary>
    public static IReadOnlyList<ForecastBand> Bands(RestartPolicy policy)
    {
        if (policy.Mode is RestartMode.Never)
        {
            return [new ForecastBand(TimeSpan.Zero, null, ForecastEnd.Rests, IsGoodRun: false)];
        }

        var bands = new List<ForecastBand>();
        var delays = policy.MinUptime > TimeSpan.Zero ? Of(policy, TimeSpan.Zero).Span : TimeSpan.Zero;
        AddBands(bands, TimeSpan.Zero, policy.MinUptime, FirstHarmless(policy, delays), isGoodRun: false);
        AddBands(bands, policy.MinUptime, null, FirstHarmless(policy, TimeSpan.Zero), isGoodRun: true);
        return bands;
    }

    /// <summary>The shortest run whose restarts do not fit into the window any more.</summary>
    private static TimeSpan FirstHarmless(RestartPolicy policy, TimeSpan delays)
    {
        var left = (policy.Window - delays).Ticks;
        return left <= 0 ? TimeSpan.Zero : TimeSpan.FromTicks(((left - 1) / policy.Limit) + 1);
    }

    private static void AddBands(
        List<ForecastBand> bands, TimeSpan from, TimeSpan? to, TimeSpan firstHarmless, bool isGoodRun)
    {
        var border = to < firstHarmless ? to.Value : firstHarmless;
        if (border > from)
        {
            bands.Add(new ForecastBand(from, border, ForecastEnd.Failed, isGoodRun));
        }

        var rest = border > from ? border : from;
        if (to is null || rest < to)
        {
            bands.Add(new ForecastBand(rest, to, ForecastEnd.Never, isGoodRun));
        }
    }
}

/// <summary>Runs of a range of lengths, which all come to the same end.</summary>
/// <param name="From">The shortest.</param>
/// <param name="To">The first that is too long for the band; null where there is none.</param>
/// <param name="End">What becomes of the component.</param>
/// <param name="IsGoodRun">True where the runs are long enough for the next to follow at once.</param>
public readonly record struct ForecastBand(TimeSpan From, TimeSpan? To, ForecastEnd End, bool IsGoodRun);
