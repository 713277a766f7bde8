using System.Text;

namespace Drover.Runtime.Probing.Rpc;

/// <summary>
/// Writes the few fields that requests of ours have. Values that are a field's default are left out, as proto3 has it.
/// Source: protobuf.dev, Encoding.
/// </summary>
internal sealed class ProtobufWriter
{
    private readonly List<byte> _bytes = [];

    /// <summary>An integer or enumeration.</summary>
    public ProtobufWriter Number(int field, ulong value)
    {
        if (value != 0)
        {
            Varint(Tag(field, ProtobufType.Varint));
            Varint(value);
        }

        return this;
    }

    /// <summary>A text.</summary>
    public ProtobufWriter Text(int field, string value) => value.Length == 0
        ? this
        : Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within this one.</summary>
    public ProtobufWriter Message(int field, ProtobufWriter message) => Bytes(field, message.ToArray());

    /// <summary>What was written.</summary>
    public byte[] ToArray() => [.. _bytes];

    private ProtobufWriter Bytes(int field, byte[] value)
    {
        Varint(Tag(field, ProtobufType.Bytes));
        Varint((ulong)value.Length);
        _bytes.AddRange(value);
        return this;
    }

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }

    private static ulong Tag(int field, ProtobufType type) => ((ulong)field << 3) | (ulong)type;
}

/// <summary>How a field's value is laid out.</summary>
internal enum ProtobufType
{
    Varint = 0,
    Fixed64 = 1,
    Bytes = 2,
    Fixed32 = 5,
}
