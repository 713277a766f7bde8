using Drover.Core.Backoff;

namespace Drover.Runtime.Scheduling;

/// <summary>
/// How long a loop pauses after each failure in a row: a <see cref="BackoffPolicy"/> that doubles, and the failures
/// counted for it. Its jitter is wide (a quarter either way), so that a thousand agents do not come back in one
/// instant. Owned by one loop.
/// </summary>
public sealed class RetryPacer
{
    private const double Jitter = 0.25;

    private readonly BackoffPolicy _policy;
    private readonly Random _random;
    private int _failures;

    /// <param name="first">Nominal pause after the first failure.</param>
    /// <param name="longest">No nominal pause is longer.</param>
    /// <param name="random">Chance, given so that a seed can replay it.</param>
    public RetryPacer(TimeSpan first, TimeSpan longest, Random random)
    {
        _policy = new BackoffPolicy(first, factor: 2, longest, Jitter);
        _random = random;
    }

    /// <summary>The pause after one more failure.</summary>
    /// <param name="atLeast">What the other side asked to wait, where it did.</param>
    public TimeSpan Next(TimeSpan? atLeast = null)
    {
        _failures = Math.Min(_failures, int.MaxValue - 1) + 1;
        var pause = _policy.Delay(_failures, _random);
        return atLeast is { } floor && floor > pause ? floor : pause;
    }

    /// <summary>It worked: the next failure begins anew.</summary>
    public void Reset() => _failures = 0;
}
