namespace Drover.Core.Backoff;

/// <summary>
/// How long to wait before the next attempt: delays that grow by a factor up to a cap, each moved by a bounded jitter
/// so that many who failed together do not try together. One policy for restarts, reconnects, probes and webhooks.
/// </summary>
public sealed record BackoffPolicy
{
    /// <summary>1, 2, 4, 8, 16, 32, 60, 60 ... seconds, jitter at most 10 % either way.</summary>
    public static readonly BackoffPolicy Default = new(
        TimeSpan.FromSeconds(1),
        factor: 2,
        cap: TimeSpan.FromSeconds(60),
        jitter: 0.1);

    /// <summary>Makes a policy.</summary>
    /// <param name="initial">The nominal delay before the first attempt; more than zero.</param>
    /// <param name="factor">What each delay is multiplied with; at least 1.</param>
    /// <param name="cap">The longest nominal delay; at least <paramref name="initial"/>.</param>
    /// <param name="jitter">The largest part of a delay by which it is moved, either way; from 0 to below 1.</param>
    public BackoffPolicy(TimeSpan initial, double factor, TimeSpan cap, double jitter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(initial, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(cap, initial);
        if (!double.IsFinite(factor) || factor < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "must be at least 1");
        }

        if (!(jitter is >= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(jitter), jitter, "must be at least 0 and less than 1");
        }

        (Initial, Factor, Cap, Jitter) = (initial, factor, cap, jitter);
    }

    /// <summary>The nominal delay before the first attempt.</summary>
    public TimeSpan Initial { get; }

    /// <summary>What each delay is multiplied with.</summary>
    public double Factor { get; }

    /// <summary>The longest nominal delay.</summary>
    public TimeSpan Cap { get; }

    /// <summary>The largest part of a delay by which it is moved, either way.</summary>
    public double Jitter { get; }

    /// <summary>The delay without jitter.</summary>
    /// <param name="attempt">Counted from 1; any size.</param>
    public TimeSpan Nominal(int attempt)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(attempt, 1);

        // The power may be infinite; the comparison still holds.
        var ticks = Initial.Ticks * Math.Pow(Factor, attempt - 1);
        return ticks < Cap.Ticks ? TimeSpan.FromTicks((long)Math.Round(ticks)) : Cap;
    }

    /// <summary>The delay with the jitter that <paramref name="chance"/> picks.</summary>
    /// <param name="attempt">Counted from 1; any size.</param>
    /// <param name="chance">From 0 (the shortest delay) to 1 (the longest); 0.5 is the nominal delay exactly.</param>
    public TimeSpan Delay(int attempt, double chance)
    {
        var nominal = Nominal(attempt);
        return nominal + TimeSpan.FromTicks((long)(nominal.Ticks * Jitter * ((2 * Math.Clamp(chance, 0, 1)) - 1)));
    }

    /// <summary>The delay with a jitter drawn from <paramref name="random"/>.</summary>
    /// <param name="attempt">Counted from 1; any size.</param>
    /// <param name="random">Injected, so that a seed can replay it.</param>
    public TimeSpan Delay(int attempt, Random random) => Delay(attempt, random.NextDouble());
}
