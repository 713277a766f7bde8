using System.Buffers.Binary;

namespace Drover.Gateway.Activity;

/// <summary>
/// Follows the frames of one direction of a WebSocket by their headers alone (RFC 6455, section 5.2), in whatever
/// pieces the octets come. Payloads are skipped and never looked at: compressed or not, they pass as they are.
/// </summary>
internal struct FrameReader
{
    private const int LongestHeader = 14;
    private const int OpcodeBits = 0x0f;
    private const int MaskBit = 0x80;
    private const int LengthBits = 0x7f;
    private const int TwoMore = 126;
    private const int EightMore = 127;
    private const int Close = 0x8;

    private Header _header;
    private int _headerLength;
    private ulong _payloadLeft;

    /// <summary>True between two frames: what is written here begins one.</summary>
    public readonly bool IsBetweenFrames => _headerLength == 0 && _payloadLeft == 0;

    /// <summary>True once a close frame began.</summary>
    public bool HasClosed { get; private set; }

    /// <summary>Goes on through octets.</summary>
    /// <returns>How many frames of data began in them: text, binary and what continues one.</returns>
    public int Read(ReadOnlySpan<byte> octets)
    {
        var frames = 0;
        while (!octets.IsEmpty)
        {
            octets = octets[Step(octets, ref frames)..];
        }

        return frames;
    }

    /// <summary>Goes on to where the present frame ends, or to the end of the octets.</summary>
    /// <returns>How many octets that are.</returns>
    public int ReadToEndOfFrame(ReadOnlySpan<byte> octets)
    {
        var read = 0;
        var frames = 0;
        while (read < octets.Length && !IsBetweenFrames)
        {
            read += Step(octets[read..], ref frames);
        }

        return read;
    }

    private int Step(ReadOnlySpan<byte> octets, ref int frames)
    {
        if (_payloadLeft > 0)
        {
            var skipped = (int)Math.Min(_payloadLeft, (ulong)octets.Length);
            _payloadLeft -= (ulong)skipped;
            return skipped;
        }

        _header[_headerLength++] = octets[0];
        if (_headerLength >= 2 && _headerLength == LengthOfHeader())
        {
            var opcode = _header[0] & OpcodeBits;
            frames += opcode < Close ? 1 : 0;
            HasClosed |= opcode == Close;
            _payloadLeft = LengthOfPayload();
            _headerLength = 0;
        }

        return 1;
    }

    private readonly int LengthOfHeader() => 2
        + (_header[1] & LengthBits) switch { TwoMore => 2, EightMore => 8, _ => 0 }
        + ((_header[1] & MaskBit) == 0 ? 0 : 4);

    private readonly ulong LengthOfPayload() => (_header[1] & LengthBits) switch
    {
        TwoMore => BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)_header)[2..]),
        EightMore => BinaryPrimitives.ReadUInt64BigEndian(((ReadOnlySpan<byte>)_header)[2..]),
        var length => (ulong)length,
    };

    [System.Runtime.CompilerServices.InlineArray(LongestHeader)]
    private struct Header
    {
        private byte _first;
    }
}
