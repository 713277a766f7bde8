using System.Buffers.Binary;
using System.Numerics;

namespace Drover.Runtime.Journal;

/// <summary>Where one record of a <see cref="RecordFile"/> lies.</summary>
internal readonly record struct RecordPlace(long Number, int Offset, int Length);

/// <summary>
/// A file of numbered records that is only appended to. Each record carries a mark, its length, its number and a
/// CRC-32C over all of them. Opening keeps every whole record: a tail cut at any byte is removed, a damaged record in
/// the middle is stepped over (and is then missing from the numbers). Not thread-safe; owned by one
/// <see cref="Spool"/> or <see cref="RecordLog"/>.
/// </summary>
internal sealed class RecordFile : IDisposable
{
    private const uint Mark = 0x314A5244; // "DRJ1"
    private const int HeaderLength = 20;

    private readonly IRecordMedium _medium;
    private readonly List<RecordPlace> _records;
    private bool _cutPending;

    private RecordFile(string path, IRecordMedium medium, List<RecordPlace> records, int length)
    {
        Path = path;
        _medium = medium;
        _records = records;
        Length = length;
    }

    internal string Path { get; }

    /// <summary>Bytes of the file that count.</summary>
    internal int Length { get; private set; }

    /// <summary>All whole records, in the order of the file.</summary>
    internal IReadOnlyList<RecordPlace> Records => _records;

    /// <summary>Opens the file of this machine or makes it, durably, with nothing in it.</summary>
    internal static RecordFile Open(string path) => Open(path, MachineDisk.Instance);

    /// <summary>Opens the file or makes it, durably, with nothing in it.</summary>
    internal static RecordFile Open(string path, IRecordDisk disk)
    {
        var medium = disk.Open(path);
        try
        {
            var content = new byte[medium.Length];
            ReadExactly(medium, content, 0);
            var records = Scan(content, out var length);
            if (length < content.Length)
            {
                medium.SetLength(length);
            }

            return new RecordFile(path, medium, records, length);
        }
        catch
        {
            medium.Dispose();
            throw;
        }
    }

    /// <summary>The whole records of a file that somebody else may be writing; a torn end is stepped over.</summary>
    internal static IReadOnlyList<ReadOnlyMemory<byte>> Peek(string path)
    {
        using var content = new MemoryStream();
        try
        {
            // To the end, wherever that is by then: its owner may cut it off meanwhile.
            using var file = new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            file.CopyTo(content);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }

        var bytes = content.ToArray();
        return
        [
            .. Scan(bytes, out _)
                .Select(place => (ReadOnlyMemory<byte>)bytes.AsMemory(place.Offset + HeaderLength, place.Length)),
        ];
    }

    /// <summary>Bytes that a record with that payload takes.</summary>
    internal static int SizeOf(int payloadLength) => HeaderLength + payloadLength;

    /// <summary>Adds a record, which is promised only after <see cref="Flush"/>.</summary>
    /// <exception cref="IOException">The disk refused (full, broken); the file is as before.</exception>
    internal void Append(long number, ReadOnlySpan<byte> payload)
    {
        if (_cutPending)
        {
            _medium.SetLength(Length);
            _cutPending = false;
        }

        var record = new byte[HeaderLength + payload.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), number);
        payload.CopyTo(record.AsSpan(HeaderLength));
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(16), Checksum(record));

        // Until the write is known to be whole, what it left behind counts as garbage to be cut off.
        _cutPending = true;
        _medium.Write(record, Length);
        _cutPending = false;
        _records.Add(new RecordPlace(number, Length, payload.Length));
        Length += record.Length;
    }

    /// <summary>After this, all records survive a power cut.</summary>
    internal void Flush() => _medium.Flush();

    /// <summary>The payload of a record.</summary>
    internal byte[] Read(RecordPlace place)
    {
        var payload = new byte[place.Length];
        ReadExactly(_medium, payload, place.Offset + HeaderLength);
        return payload;
    }

    public void Dispose() => _medium.Dispose();

    private static List<RecordPlace> Scan(byte[] content, out int length)
    {
        var records = new List<RecordPlace>();
        length = 0;
        var at = 0;
        while (at + HeaderLength <= content.Length)
        {
            if (TryParse(content, at, out var place))
            {
                records.Add(place);
                at += HeaderLength + place.Length;
                length = at;
            }
            else
            {
                // Either the torn end, or damage with whole records behind it: those are found by their mark and CRC.
                at++;
            }
        }

        return records;
    }

    private static bool TryParse(byte[] content, int at, out RecordPlace place)
    {
        place = default;
        if (BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at)) != Mark)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(at + 4));
        if (length < 0 || length > content.Length - at - HeaderLength)
        {
            return false;
        }

        var record = content.AsSpan(at, HeaderLength + length);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record[16..]) != Checksum(record))
        {
            return false;
        }

        place = new RecordPlace(BinaryPrimitives.ReadInt64LittleEndian(record[8..]), at, length);
        return true;
    }

    /// <summary>CRC-32C of everything in the record but the checksum itself.</summary>
    private static uint Checksum(ReadOnlySpan<byte> record) =>
        Crc32C(record[HeaderLength..], Crc32C(record[..16], uint.MaxValue));

    private static uint Crc32C(ReadOnlySpan<byte> bytes, uint crc)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var one in bytes)
        {
            crc = BitOperations.Crc32C(crc, one);
        }

        return crc;
    }

    private static void ReadExactly(IRecordMedium medium, Span<byte> buffer, long offset)
    {
        while (!buffer.IsEmpty)
        {
            var read = medium.Read(buffer, offset);
            if (read == 0)
            {
                throw new EndOfStreamException(
                    "cannot read a journal record: the file became shorter while it was open");
            }

            buffer = buffer[read..];
            offset += read;
        }
    }
}
