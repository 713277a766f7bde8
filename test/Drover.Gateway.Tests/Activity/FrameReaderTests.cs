using Drover.Gateway.Activity;

namespace Drover.Gateway.Tests.Activity;

/// <summary>The frames of a WebSocket, by their headers alone.</summary>
public sealed class FrameReaderTests
{
    [Fact]
    public void Frames_are_the_same_in_whatever_pieces_their_octets_come()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var (octets, data, ends) = Frames(random);
            var reader = new FrameReader();
            var found = 0;
            var at = 0;
            while (at < octets.Length)
            {
                var piece = Math.Min(octets.Length - at, random.Next(1, random.Next(2, 400)));
                found += reader.Read(octets.AsSpan(at, piece));
                at += piece;
                Assert.True(reader.IsBetweenFrames == ends.Contains(at), $"seed {seed}, octet {at}");
            }

            Assert.True(data == found, $"seed {seed}: {data} frames of data, {found} found");
            Assert.True(reader.HasClosed, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(0, 5, 0)]
    [InlineData(1, 5, 4)]
    [InlineData(3, 5, 2)]
    [InlineData(3, 2, 2)]
    [InlineData(3, 1, 1)]
    [InlineData(5, 3, 0)]
    public void The_end_of_the_present_frame_is_found(int already, int length, int expected)
    {
        byte[] octets = [0x82, 3, 1, 2, 3, 0x81, 1, 65];
        var reader = new FrameReader();
        reader.Read(octets.AsSpan(0, already));

        Assert.Equal(expected, reader.ReadToEndOfFrame(octets.AsSpan(already, length)));
    }

    [Fact]
    public void A_length_beyond_all_memory_is_followed_and_not_held()
    {
        var reader = new FrameReader();

        Assert.Equal(1, reader.Read([0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]));
        Assert.Equal(0, reader.Read(new byte[1 << 20]));
        Assert.False(reader.IsBetweenFrames);
    }

    /// <summary>Frames of every kind and form of length; the last one closes.</summary>
    private static (byte[] Octets, int Data, HashSet<int> Ends) Frames(Random random)
    {
        var octets = new List<byte>();
        var ends = new HashSet<int>();
        var data = 0;
        var count = random.Next(1, 12);
        for (var frame = 0; frame <= count; frame++)
        {
            var opcode = frame == count ? 8 : new[] { 0, 1, 2, 9, 10 }[random.Next(5)];
            data += opcode < 8 ? 1 : 0;
            var length = opcode >= 8 ? random.Next(126) : new[] { 0, 1, 125, 126, 300, 65_535, 65_536 }[random.Next(7)];
            var isMasked = random.Next(2) == 1;
            octets.Add((byte)(0x80 | (random.Next(2) * 0x40) | opcode));
            AddLength(octets, length, isMasked);
            octets.AddRange(Enumerable.Range(0, length + (isMasked ? 4 : 0)).Select(_ => (byte)random.Next(256)));
            ends.Add(octets.Count);
        }

        return ([.. octets], data, ends);
    }

    private static void AddLength(List<byte> octets, int length, bool isMasked)
    {
        var mask = isMasked ? 0x80 : 0;
        if (length < 126)
        {
            octets.Add((byte)(mask | length));
        }
        else if (length < 65_536)
        {
            octets.AddRange([(byte)(mask | 126), (byte)(length >> 8), (byte)length]);
        }
        else
        {
            octets.AddRange([(byte)(mask | 127), 0, 0, 0, 0]);
            octets.AddRange([(byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length]);
        }
    }
}
