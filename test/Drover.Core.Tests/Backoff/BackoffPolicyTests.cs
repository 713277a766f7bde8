using Drover.Core.Backoff;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Backoff;

public sealed class BackoffPolicyTests
{
    [Fact]
    public void Nominal_delays_are_exactly_1_2_4_8_16_32_60_60_seconds()
    {
        var delays = Enumerable.Range(1, 10).Select(attempt => BackoffPolicy.Default.Nominal(attempt).TotalSeconds);
        Assert.Equal([1, 2, 4, 8, 16, 32, 60, 60, 60, 60], delays);
    }

    [Theory]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(1025)]
    [InlineData(int.MaxValue)]
    public void No_attempt_is_too_large(int attempt)
    {
        Assert.Equal(TimeSpan.FromSeconds(60), BackoffPolicy.Default.Nominal(attempt));
        Assert.Equal(TimeSpan.FromSeconds(66), BackoffPolicy.Default.Delay(attempt, 1.0));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    public void Attempts_count_from_one(int attempt) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => BackoffPolicy.Default.Nominal(attempt));

    [Fact]
    public void Jitter_moves_a_delay_by_at_most_ten_percent_and_reaches_both_sides()
    {
        var random = new Random(7);
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            var nominal = BackoffPolicy.Default.Nominal(attempt);
            var delays = Enumerable.Range(0, 2000).Select(_ => BackoffPolicy.Default.Delay(attempt, random)).ToList();
            Assert.InRange(delays.Min(), 0.9 * nominal, 0.92 * nominal);
            Assert.InRange(delays.Max(), 1.08 * nominal, 1.1 * nominal);
        }
    }

    [Fact]
    public void The_middle_chance_is_the_nominal_delay()
    {
        for (var attempt = 1; attempt <= 12; attempt++)
        {
            Assert.Equal(BackoffPolicy.Default.Nominal(attempt), BackoffPolicy.Default.Delay(attempt, 0.5));
        }
    }

    [Fact]
    public void A_policy_of_ones_own_starts_at_its_initial_delay_grows_by_its_factor_and_stops_at_its_cap()
    {
        var policy = new BackoffPolicy(TimeSpan.FromMilliseconds(100), 3, TimeSpan.FromSeconds(2), 0);
        var delays = Enumerable.Range(1, 5).Select(attempt => policy.Delay(attempt, 0.9).TotalMilliseconds);
        Assert.Equal([100, 300, 900, 2000, 2000], delays);
    }

    [Fact]
    public void For_any_policy_delays_never_shrink_and_stay_between_the_initial_delay_and_the_cap()
    {
        var policies =
            from initial in Gen.Choose(1, 100_000)
            from more in Gen.Choose(0, 100_000)
            from factor in Gen.Choose(100, 100_000)
            select new BackoffPolicy(
                TimeSpan.FromMilliseconds(initial), factor / 100.0, TimeSpan.FromMilliseconds(initial + more), 0.1);
        Prop.ForAll(policies.ToArbitrary(), ArbMap.Default.ArbFor<PositiveInt>(), (policy, attempt) =>
        {
            var (one, next) = (policy.Nominal(attempt.Get), policy.Nominal(attempt.Get + 1));
            return one <= next && one >= policy.Initial && next <= policy.Cap;
        }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData(0, 2, 60, 0.1)]
    [InlineData(-1, 2, 60, 0.1)]
    [InlineData(2, 2, 1, 0.1)]
    [InlineData(1, 0.9, 60, 0.1)]
    [InlineData(1, double.NaN, 60, 0.1)]
    [InlineData(1, double.PositiveInfinity, 60, 0.1)]
    [InlineData(1, 2, 60, -0.1)]
    [InlineData(1, 2, 60, 1)]
    [InlineData(1, 2, 60, double.NaN)]
    public void A_policy_that_makes_no_sense_cannot_be_made(double initial, double factor, double cap, double jitter) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new BackoffPolicy(TimeSpan.FromSeconds(initial), factor, TimeSpan.FromSeconds(cap), jitter));
}
