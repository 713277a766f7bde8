using Drover.Core.Trust;

namespace Drover.Core.Tests.Trust;

public sealed class StampPolicyTests
{
    private const long Now = 1_800_000_000;

    private static readonly DateTimeOffset LongAgo = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(Now)]
    [InlineData(Now - 300)]
    [InlineData(Now + 300)]
    public void A_stamp_within_300_seconds_either_way_is_accepted(long stamp) =>
        Assert.Equal(StampVerdict.Accept, Judge(true, stamp));

    [Theory]
    [InlineData(Now - 301)]
    [InlineData(Now + 301)]
    [InlineData(0)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void A_right_MAC_with_a_stale_stamp_is_told_to_sign_again(long stamp) =>
        Assert.Equal(StampVerdict.ReSign, Judge(true, stamp));

    [Theory]
    [InlineData(Now)]
    [InlineData(Now - 301)]
    [InlineData(long.MaxValue)]
    public void A_wrong_MAC_learns_nothing_whatever_its_stamp(long stamp) =>
        Assert.Equal(StampVerdict.Refuse, Judge(false, stamp));

    [Theory]
    [InlineData(-1, StampVerdict.ReSign)]
    [InlineData(0, StampVerdict.ReSign)]
    [InlineData(1, StampVerdict.Accept)]
    public void After_a_restart_what_only_request_ids_guard_must_be_stamped_after_the_start(
        int offset, StampVerdict expected)
    {
        var start = DateTimeOffset.FromUnixTimeSeconds(Now - 10).AddMilliseconds(500);
        Assert.Equal(expected, Judge(true, Now - 10 + offset, start));
    }

    [Fact]
    public void What_its_content_guards_may_be_older_than_the_server()
    {
        var start = DateTimeOffset.FromUnixTimeSeconds(Now - 1);
        Assert.Equal(StampVerdict.Accept, Judge(true, Now - 200, start, ReplayGuard.Content));
        Assert.Equal(StampVerdict.ReSign, Judge(true, Now - 301, start, ReplayGuard.Content));
        Assert.Equal(StampVerdict.Refuse, Judge(false, Now - 200, start, ReplayGuard.Content));
    }

    private static StampVerdict Judge(
        bool macIsRight,
        long stamp,
        DateTimeOffset? start = null,
        ReplayGuard guard = ReplayGuard.RequestId) =>
        StampPolicy.Judge(
            macIsRight, stamp, DateTimeOffset.FromUnixTimeSeconds(Now).AddMilliseconds(999), start ?? LongAgo, guard);
}
