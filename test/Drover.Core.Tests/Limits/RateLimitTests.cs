using Drover.Core.Limits;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Limits;

public sealed class RateLimitTests
{
    private static readonly TimeSpan Start = TimeSpan.FromDays(1);

    [Fact]
    public void A_quiet_caller_may_use_its_burst_at_once_and_not_one_more()
    {
        var limit = new RateLimit(perSecond: 10, burst: 5);
        Assert.Equal(5, PassedAt(limit, TimeSpan.Zero, Start, attempts: 50).Passed);
    }

    [Fact]
    public void What_it_is_told_to_wait_is_exactly_what_it_takes()
    {
        var limit = new RateLimit(perSecond: 10, burst: 5);
        var (_, due) = PassedAt(limit, TimeSpan.Zero, Start, attempts: 5);

        var wait = limit.WaitOf(due, Start);

        Assert.Equal(TimeSpan.FromMilliseconds(100), wait);
        Assert.NotEqual(TimeSpan.Zero, limit.WaitOf(due, Start + wait - TimeSpan.FromTicks(1)));
        Assert.Equal(TimeSpan.Zero, limit.WaitOf(due, Start + wait));
    }

    [Fact]
    public void A_caller_whose_due_time_has_passed_is_as_good_as_one_never_seen()
    {
        var limit = new RateLimit(perSecond: 3, burst: 7);
        var (_, due) = PassedAt(limit, TimeSpan.Zero, Start, attempts: 7);
        Assert.Equal(7, PassedAt(limit, due, due, attempts: 50).Passed);
        Assert.Equal(limit.DueAfter(TimeSpan.Zero, due), limit.DueAfter(due, due));
    }

    [Fact]
    public void However_many_are_counted_late_the_wait_stays_bounded()
    {
        var limit = new RateLimit(perSecond: 10, burst: 5);
        var due = TimeSpan.Zero;
        for (var late = 0; late < 100_000; late++)
        {
            due = limit.DueAfter(due, Start);
        }

        Assert.Equal(TimeSpan.FromMilliseconds(100), limit.WaitOf(due, Start));
    }

    [Fact]
    public void In_any_stretch_of_time_no_more_pass_than_the_burst_and_the_rate_allow() => Prop.ForAll(
        ArbMap.Default.ArbFor<PositiveInt>(),
        ArbMap.Default.ArbFor<PositiveInt>(),
        ArbMap.Default.ArbFor<NonNegativeInt[]>(),
        (rate, burst, gaps) =>
        {
            var limit = new RateLimit(rate.Get, burst.Get);
            var (now, due, passed) = (Start, TimeSpan.Zero, new List<TimeSpan>());
            foreach (var gap in gaps)
            {
                now += TimeSpan.FromMilliseconds(gap.Get);
                if (limit.WaitOf(due, now) == TimeSpan.Zero)
                {
                    due = limit.DueAfter(due, now);
                    passed.Add(now);
                }
            }

            for (var first = 0; first < passed.Count; first++)
            {
                for (var last = first; last < passed.Count; last++)
                {
                    var allowed = burst.Get + rate.Get * (passed[last] - passed[first]).TotalSeconds;
                    Assert.True(last - first + 1 <= allowed + 1e-3, $"{last - first + 1} of {allowed}");
                }
            }
        }).QuickCheckThrowOnFailure();

    private static (int Passed, TimeSpan Due) PassedAt(RateLimit limit, TimeSpan due, TimeSpan now, int attempts)
    {
        var passed = 0;
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            if (limit.WaitOf(due, now) == TimeSpan.Zero)
            {
                due = limit.DueAfter(due, now);
                passed++;
            }
        }

        return (passed, due);
    }
}
