using System.Globalization;
using System.Net;
using Drover.Core.Limits;
using Drover.Runtime.Limits;
using Drover.Server.Features.Limits;
using Drover.Testing.Time;

namespace Drover.Server.Tests.Limits;

public sealed class TableTests
{
    private readonly FakeClock _clock = new();

    [Fact]
    public void A_million_callers_do_not_grow_the_table_and_a_busy_one_is_not_forgotten_for_quiet_ones()
    {
        var table = new RateTable(new RateLimit(1, 10), 1_000, _clock);
        for (var request = 0; request < 10; request++)
        {
            Assert.Null(table.Take("busy"));
        }

        for (var caller = 0; caller < 1_000_000; caller++)
        {
            table.Take(caller.ToString(CultureInfo.InvariantCulture));
            if (caller % 10_000 == 0)
            {
                Assert.NotNull(table.Take("busy"));
            }
        }

        Assert.InRange(table.Count, 1, 1_000);
    }

    [Fact]
    public void A_million_failing_keys_do_not_grow_the_window_without_bound()
    {
        var window = new FailureWindow(1, _clock);
        for (var key = 0; key < 1_000_000; key++)
        {
            window.Note(key.ToString(CultureInfo.InvariantCulture));
        }

        Assert.InRange(window.Count, 1, 16_384);
        Assert.NotNull(window.BlockedFor("999999"));
    }

    [Fact]
    public void Requests_open_at_once_are_counted_by_caller_and_forgotten_when_they_close()
    {
        var open = new OpenRequests(2);
        Assert.True(open.TryOpen("alice"));
        Assert.True(open.TryOpen("alice"));
        Assert.False(open.TryOpen("alice"));
        Assert.True(open.TryOpen("bob"));
        open.Close("alice");
        Assert.True(open.TryOpen("alice"));
        open.Close("alice");
        open.Close("alice");
        open.Close("bob");
        Assert.Equal(0, open.Callers);
    }

    [Theory]
    [InlineData("192.0.2.7", "192.0.2.7")]
    [InlineData("::ffff:192.0.2.7", "192.0.2.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::/64")]
    [InlineData("::1", "::1")]
    [InlineData("fe80::1%3", "fe80::/64")]
    public void An_IPv6_address_is_counted_as_its_64_and_a_mapped_one_as_IPv4(string address, string network) =>
        Assert.Equal(network, ClientNetwork.Of(IPAddress.Parse(address)));
}
