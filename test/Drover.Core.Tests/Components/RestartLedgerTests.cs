using Drover.Core.Components;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Components;

public sealed class RestartLedgerTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(600);

    [Fact]
    public void A_restart_exactly_one_window_ago_has_left_it()
    {
        var ledger = RestartLedger.Empty.Add(TimeSpan.FromSeconds(5), Window);
        Assert.Equal(1, ledger.CountWithin(Window, TimeSpan.FromSeconds(604.999)));
        Assert.Equal(0, ledger.CountWithin(Window, TimeSpan.FromSeconds(605)));
    }

    [Fact]
    public void It_counts_exactly_the_restarts_within_the_window_and_keeps_no_others() =>
        Prop.ForAll(Gen.Choose(0, 300).ListOf().ToArbitrary(), gaps =>
        {
            var (ledger, now, all) = (RestartLedger.Empty, TimeSpan.Zero, new List<TimeSpan>());
            foreach (var gap in gaps)
            {
                now += TimeSpan.FromSeconds(gap);
                ledger = ledger.Add(now, Window);
                all.Add(now);
            }

            var expected = all.Where(time => time > now - Window).ToList();
            return ledger.Times.SequenceEqual(expected) && ledger.CountWithin(Window, now) == expected.Count;
        }).QuickCheckThrowOnFailure();
}
