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
    public void There_is_room_for_one_more_exactly_from_the_instant_on_that_it_says() =>
        Prop.ForAll(Gen.Choose(0, 300).ListOf().ToArbitrary(), Gen.Choose(1, 6).ToArbitrary(), (gaps, limit) =>
        {
            var (ledger, now) = (RestartLedger.Empty, TimeSpan.Zero);
            foreach (var gap in gaps)
            {
                now += TimeSpan.FromSeconds(gap);
                ledger = ledger.Add(now, Window);
            }

            var room = ledger.RoomAt(limit, Window);
            return room == TimeSpan.Zero
                ? ledger.CountWithin(Window, now) < limit
                : ledger.CountWithin(Window, room) < limit
                    && ledger.CountWithin(Window, room - TimeSpan.FromTicks(1)) >= limit;
        }).QuickCheckThrowOnFailure();

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
