namespace Drover.Runtime.Scheduling;

/// <summary>
/// How long a loop pauses after each failure in a row: doubling from a first pause up to a longest one, each longer by
/// a random share of at most a quarter, so that a thousand agents do not come back in one instant. Owned by one loop.
/// </summary>
public sealed class RetryPacer
{
    private const double MaxJitter = 0.25;

    private readonly TimeSpan _first;
    private readonly TimeSpan _longest;
    private readonly Random _random;
    private TimeSpan _nominal;

    /// <param name="first">Nominal pause after the first failure.</param>
    /// <param name="longest">No nominal pause is longer.</param>
    /// <param name="random">Chance, given so that a seed can replay it.</param>
    public RetryPacer(TimeSpan first, TimeSpan longest, Random random)
    {
        _first = first;
        _longest = longest;
        _random = random;
        _nominal = first;
    }

    /// <summary>The pause after one more failure.</summary>
    /// <param name="atLeast">What the other side asked to wait, where it did.</param>
    public TimeSpan Next(TimeSpan? atLeast = null)
    {
        var nominal = _nominal;
        _nominal = nominal * 2 < _longest ? nominal * 2 : _longest;
        var pause = nominal * (1 + (_random.NextDouble() * MaxJitter));
        return atLeast is { } floor && floor > pause ? floor : pause;
    }

    /// <summary>It worked: the next failure begins anew.</summary>
    public void Reset() => _nominal = _first;
}
