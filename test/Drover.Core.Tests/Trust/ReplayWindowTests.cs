using Drover.Core.Trust;

namespace Drover.Core.Tests.Trust;

public sealed class ReplayWindowTests
{
    private const long Start = 1_800_000_000;

    private readonly ReplayWindow _window = new(capacity: 3);

    [Fact]
    public void An_id_works_once()
    {
        Assert.Equal(ReplayVerdict.Fresh, Remember("a", Start, Start));
        Assert.Equal(ReplayVerdict.Replayed, Remember("a", Start, Start));
        Assert.Equal(ReplayVerdict.Fresh, Remember("A", Start, Start));
    }

    [Theory]
    [InlineData(-300)]
    [InlineData(0)]
    [InlineData(300)]
    public void An_id_is_remembered_to_the_last_second_at_which_its_stamp_would_pass(int skew)
    {
        var stamp = Start + skew;
        Remember("a", stamp, Start);

        var lastGoodSecond = stamp + 300;
        Assert.Equal(StampVerdict.Accept, Stamp(stamp, lastGoodSecond));
        Assert.Equal(ReplayVerdict.Replayed, Remember("a", stamp, lastGoodSecond));

        Assert.Equal(StampVerdict.ReSign, Stamp(stamp, lastGoodSecond + 1));
        Remember("b", lastGoodSecond, lastGoodSecond + 1);
        Assert.Equal(1, _window.Count);
    }

    [Fact]
    public void A_full_window_refuses_rather_than_forgets_and_has_room_again_when_ids_expire()
    {
        Remember("a", Start, Start);
        Remember("b", Start + 10, Start + 10);
        Remember("c", Start + 20, Start + 20);

        Assert.Equal(ReplayVerdict.Full, Remember("d", Start + 30, Start + 30));
        Assert.Equal(ReplayVerdict.Replayed, Remember("a", Start, Start + 30));

        Assert.Equal(
            TimeSpan.FromSeconds(271), _window.RoomIn(DateTimeOffset.FromUnixTimeSeconds(Start + 30)));

        Assert.Equal(ReplayVerdict.Fresh, Remember("d", Start + 301, Start + 301));
        Assert.Equal(3, _window.Count);
    }

    [Fact]
    public void Over_a_day_of_requests_it_stays_bounded_and_every_replay_within_the_skew_is_caught()
    {
        var window = new ReplayWindow(1000);
        for (var second = 0; second < 86_400; second++)
        {
            var now = DateTimeOffset.FromUnixTimeSeconds(Start + second);
            Assert.Equal(ReplayVerdict.Fresh, window.Remember($"id-{second}", Start + second, now));
            var older = second - (second % 300);
            Assert.Equal(ReplayVerdict.Replayed, window.Remember($"id-{older}", Start + older, now));
        }

        Assert.Equal(301, window.Count);
    }

    private static StampVerdict Stamp(long stamp, long now) => StampPolicy.Judge(
        macIsRight: true,
        stamp,
        DateTimeOffset.FromUnixTimeSeconds(now),
        DateTimeOffset.UnixEpoch,
        ReplayGuard.RequestId);

    private ReplayVerdict Remember(string id, long stamp, long now) =>
        _window.Remember(id, stamp, DateTimeOffset.FromUnixTimeSeconds(now));
}
