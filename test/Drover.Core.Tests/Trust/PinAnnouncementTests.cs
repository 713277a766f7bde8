using Drover.Core.Trust;

namespace Drover.Core.Tests.Trust;

public sealed class PinAnnouncementTests
{
    private static readonly AgentKey Key = AgentKey.Create();
    private static readonly string[] Pins = ["sha256:one", "sha256:two"];

    [Fact]
    public void An_announcement_is_only_good_for_its_host_its_heartbeat_and_its_pins()
    {
        var mac = PinAnnouncement.Sign(Key, "host", 7, 3, Pins);

        Assert.True(PinAnnouncement.Verify(Key, "host", 7, 3, Pins, mac));
        Assert.False(PinAnnouncement.Verify(AgentKey.Create(), "host", 7, 3, Pins, mac));
        Assert.False(PinAnnouncement.Verify(Key, "other", 7, 3, Pins, mac));
        Assert.False(PinAnnouncement.Verify(Key, "host", 8, 3, Pins, mac));
        Assert.False(PinAnnouncement.Verify(Key, "host", 7, 4, Pins, mac));
        Assert.False(PinAnnouncement.Verify(Key, "host", 7, 3, Pins[..1], mac));
        Assert.False(PinAnnouncement.Verify(Key, "host", 7, 3, [], mac));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("no base64!")]
    [InlineData("AAAA")]
    public void A_malformed_mac_is_wrong_and_never_an_exception(string? mac) =>
        Assert.False(PinAnnouncement.Verify(Key, "host", 7, 3, Pins, mac));
}
