using Drover.Runtime.Probing.Rpc;

namespace Drover.Runtime.Tests.Probing;

/// <summary>The hand-made encoding: golden bytes, and whatever a hostile server may send.</summary>
public sealed class ProtobufTests
{
    private static readonly DateTimeOffset Moment = new(2026, 7, 23, 12, 0, 0, 500, TimeSpan.Zero);

    [Fact]
    public void Requests_have_the_bytes_of_the_standard_encoder()
    {
        Assert.Empty(HealthCheckMessages.Request(""));
        Assert.Equal("0A 07 6A 6F 62 73 2E 76 31", Hex(HealthCheckMessages.Request("jobs.v1")));
        Assert.Equal(
            "0A 07 64 65 66 61 75 6C 74 12 06 0A 04 6A 6F 62 73 18 02",
            Hex(TaskQueueMessages.Request("default", "jobs", TaskQueueKind.Activity)));
    }

    [Fact]
    public void Numbers_and_long_texts_are_written_as_varints()
    {
        Assert.Equal("08 96 01", Hex(new ProtobufWriter().Number(1, 150).ToArray()));
        Assert.Equal(
            "78 FF FF FF FF FF FF FF FF FF 01", Hex(new ProtobufWriter().Number(15, ulong.MaxValue).ToArray()));
        Assert.Equal("82 01 C8 01", Hex(new ProtobufWriter().Text(16, new string('x', 200)).ToArray()[..4]));
    }

    [Theory]
    [InlineData("", ServingStatus.Unknown)]
    [InlineData("08 01", ServingStatus.Serving)]
    [InlineData("08 02", ServingStatus.NotServing)]
    [InlineData("12 01 00 08 01", ServingStatus.Serving)]
    [InlineData("08 02 08 01", ServingStatus.Serving)]
    [InlineData("15 01 00 00 00 11 01 02 03 04 05 06 07 08 08 01", ServingStatus.Serving)]
    internal void A_health_status_is_read_and_fields_of_later_versions_are_skipped(string hex, ServingStatus status)
    {
        Assert.Equal(status, HealthCheckMessages.Read(Bytes(hex)));
    }

    [Theory]
    [InlineData("08")]
    [InlineData("08 80")]
    [InlineData("08 80 80 80 80 80 80 80 80 80 02")]
    [InlineData("08 80 80 80 80 80 80 80 80 80 80 01")]
    [InlineData("00 01")]
    [InlineData("0B 08 01 0C")]
    [InlineData("0E")]
    [InlineData("12 05 01")]
    [InlineData("12 FF FF FF FF FF FF FF FF FF 01")]
    [InlineData("FA FF FF FF FF 01 00")]
    [InlineData("0D 01 02")]
    [InlineData("09 01 02 03 04 05 06 07")]
    public void A_message_that_is_cut_overflows_or_has_groups_is_refused(string hex)
    {
        Assert.Null(HealthCheckMessages.Read(Bytes(hex)));
        Assert.Null(TaskQueueMessages.Read(Bytes(hex)));
    }

    [Fact]
    public void Pollers_are_read_from_the_bytes_of_the_standard_encoder()
    {
        var pollers = TaskQueueMessages.Read(Bytes(
            "0A 19 0A 0C 08 C0 84 88 D3 06 10 80 CA B5 EE 01 12 09 37 37 40 61 6C 69 63 65 2D 0A 00 12 02 08 01"));

        Assert.NotNull(pollers);
        Assert.Equal([new Poller("77@alice-", Moment), new Poller("", DateTimeOffset.UnixEpoch)], pollers);
    }

    [Theory]
    [InlineData("0A 04 0A 02 08 80")]
    [InlineData("0A 0D 0A 0B 08 FF FF FF FF FF FF FF FF 7F 10")]
    [InlineData("0A 0C 0A 0A 08 FF FF FF FF FF FF FF FF 7F")]
    [InlineData("0A 08 0A 06 10 80 94 EB DC 03")]
    [InlineData("0A 0D 0A 0B 10 FF FF FF FF FF FF FF FF FF 01")]
    public void A_poller_with_a_broken_or_impossible_time_is_refused(string hex)
    {
        Assert.Null(TaskQueueMessages.Read(Bytes(hex)));
    }

    [Fact]
    public void Text_that_is_not_utf_8_is_read_as_well_as_it_can_be()
    {
        Assert.Equal("a\uFFFDb", Assert.Single(TaskQueueMessages.Read(Bytes("0A 05 12 03 61 FF 62"))!).Identity);
    }

    [Fact]
    public void A_message_cut_at_any_byte_is_read_as_far_as_it_is_whole_or_refused_and_never_throws()
    {
        var whole = ManyPollers(3);
        for (var length = 0; length < whole.Length; length++)
        {
            Assert.True(TaskQueueMessages.Read(whole.AsSpan(0, length)) is null or { Count: < 3 });
        }

        Assert.Equal(3, TaskQueueMessages.Read(whole)?.Count);
    }

    [Fact]
    public void A_message_with_any_bytes_changed_never_throws_and_never_reads_more_than_there_is()
    {
        var random = new Random(20260723);
        var whole = ManyPollers(4);
        for (var round = 0; round < 20_000; round++)
        {
            var message = whole[..random.Next(1, whole.Length + 1)];
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                message[random.Next(message.Length)] = (byte)random.Next(256);
            }

            var pollers = TaskQueueMessages.Read(message) ?? [];
            Assert.True(pollers.Count <= message.Length / 2 && pollers.Sum(p => p.Identity.Length) <= message.Length);
            HealthCheckMessages.Read(message);
        }
    }

    [Fact]
    public void More_pollers_than_anybody_has_are_refused()
    {
        Assert.Null(TaskQueueMessages.Read(ManyPollers(10_001)));
    }

    private static byte[] ManyPollers(int count)
    {
        var message = new ProtobufWriter();
        for (var i = 0; i < count; i++)
        {
            var access = new ProtobufWriter().Number(1, (ulong)Moment.ToUnixTimeSeconds()).Number(2, 500_000_000);
            message.Message(1, new ProtobufWriter().Message(1, access).Text(2, $"{i}@web"));
        }

        return message.ToArray();
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    private static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace('-', ' ');
}
