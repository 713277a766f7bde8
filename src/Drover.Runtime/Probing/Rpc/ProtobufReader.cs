using System.Buffers.Binary;

namespace Drover.Runtime.Probing.Rpc;

/// <summary>
/// Walks over the fields of a message from anybody. Copies nothing, allocates nothing, never reads past the end and
/// never throws: a message that is cut, overflows or has what proto3 has not ends the walk with <see cref="IsBroken"/>.
/// </summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message)
{
    private const int LongestVarint = 10;
    private ReadOnlySpan<byte> _rest = message;

    /// <summary>The walk ended before the message did.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>Number of the present field.</summary>
    public int Field { get; private set; }

    /// <summary>Which of <see cref="Number"/> and <see cref="Bytes"/> has its value.</summary>
    public ProtobufType Type { get; private set; }

    /// <summary>The value of a number, as it is laid out.</summary>
    public ulong Number { get; private set; }

    /// <summary>The value of a text, a message or a packed list.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; }

    /// <summary>Goes to the next field; false at the end, or where the message is broken.</summary>
    public bool Next()
    {
        if (IsBroken || _rest.IsEmpty)
        {
            return false;
        }

        IsBroken = !TryTag() || !TryValue();
        return !IsBroken;
    }

    private bool TryTag()
    {
        if (!TryVarint(out var tag) || tag > uint.MaxValue || tag >> 3 == 0)
        {
            return false;
        }

        Field = (int)(tag >> 3);
        Type = (ProtobufType)(tag & 7);
        return true;
    }

    private bool TryValue()
    {
        Number = 0;
        Bytes = default;
        switch (Type)
        {
            case ProtobufType.Varint:
                return TryNumber();
            case ProtobufType.Fixed64 when TryTake(sizeof(ulong), out var eight):
                Number = BinaryPrimitives.ReadUInt64LittleEndian(eight);
                return true;
            case ProtobufType.Fixed32 when TryTake(sizeof(uint), out var four):
                Number = BinaryPrimitives.ReadUInt32LittleEndian(four);
                return true;
            case ProtobufType.Bytes when TryVarint(out var length) && TryTake(length, out var bytes):
                Bytes = bytes;
                return true;
            default:
                // Cut, or a group, which proto3 does not have.
                return false;
        }
    }

    private bool TryNumber()
    {
        var whole = TryVarint(out var number);
        Number = number;
        return whole;
    }

    private bool TryVarint(out ulong value)
    {
        value = 0;
        for (var i = 0; i < LongestVarint && i < _rest.Length; i++)
        {
            var part = _rest[i];
            if (i == LongestVarint - 1 && part > 1)
            {
                return false;
            }

            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                _rest = _rest[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private bool TryTake(ulong length, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (length > (ulong)_rest.Length)
        {
            return false;
        }

        taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return true;
    }
}
