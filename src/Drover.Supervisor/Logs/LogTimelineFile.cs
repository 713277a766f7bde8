using System.Buffers.Binary;
using System.Numerics;
using Drover.Runtime.Files;

namespace Drover.Supervisor.Logs;

/// <summary>
/// A <see cref="LogTimeline"/> on disk: records of 20 bytes (ticks, offset, CRC-32C), only appended. A file cut at any
/// byte, or damaged anywhere, gives its whole records; a missing one gives none, and the times of the archives and of
/// the live file serve instead. It is a convenience and never worth an fsync.
/// </summary>
internal static class LogTimelineFile
{
    /// <summary>Beyond this many the older ones are thinned out: 1.25 MiB, four hours of constant writing at full
    /// resolution.</summary>
    public const int MaxRecords = 1 << 16;

    private const int RecordBytes = 20;
    private const int TicksBytes = 8;
    private const int CheckedBytes = 16;
    private const uint Seed = 0x44525431;

    /// <summary>Adds points; a tail that is no whole record is overwritten.</summary>
    /// <returns>How many records there are then.</returns>
    public static int Append(string path, ReadOnlySpan<TimelinePoint> points)
    {
        using var file = GrowingFile.OpenOrCreate(path, LogDirectory.FileMode);
        var records = GrowingFile.Examine(file).Length / RecordBytes;
        RandomAccess.Write(file, Encode(points), records * RecordBytes);
        return (int)records + points.Length;
    }

    /// <summary>Adds all whole records of the file from <paramref name="position"/> on to
    /// <paramref name="timeline"/>.</summary>
    /// <returns>Where to go on when it has grown.</returns>
    public static long Read(string path, long position, LogTimeline timeline)
    {
        using var file = GrowingFile.TryOpen(path, write: false);
        var length = file is null ? 0 : GrowingFile.Examine(file).Length;
        if (file is null || length <= position)
        {
            return position;
        }

        var bytes = new byte[(length - position) / RecordBytes * RecordBytes];
        var read = RandomAccess.Read(file, bytes, position) / RecordBytes * RecordBytes;
        for (var at = 0; at < read; at += RecordBytes)
        {
            var record = bytes.AsSpan(at, RecordBytes);
            var ticks = BinaryPrimitives.ReadInt64LittleEndian(record);
            if (BinaryPrimitives.ReadUInt32LittleEndian(record[CheckedBytes..]) == Check(record)
                && ticks >= 0
                && ticks <= DateTimeOffset.MaxValue.UtcTicks)
            {
                timeline.Add(new(
                    new DateTimeOffset(ticks, TimeSpan.Zero),
                    BinaryPrimitives.ReadInt64LittleEndian(record[TicksBytes..])));
            }
        }

        return position + read;
    }

    /// <summary>Forgets what lies before the oldest kept byte and, of a file that is still more than half full, every
    /// second record of the older three quarters.</summary>
    /// <returns>How many records are left.</returns>
    public static int Thin(string path, long first)
    {
        var timeline = new LogTimeline();
        Read(path, 0, timeline);

        // The last point before the first byte begins the stretch in which that byte was written.
        var begin = Math.Max(0, timeline.Points.TakeWhile(point => point.Offset <= first).Count() - 1);
        var kept = timeline.Points.Skip(begin).ToList();
        if (kept.Count > MaxRecords / 2)
        {
            var old = kept.Count / 4 * 3;
            kept = [.. kept.Where((_, number) => number >= old || number % 2 is 0)];
        }

        AtomicFile.Write(path, Encode([.. kept]), LogDirectory.FileMode);
        return kept.Count;
    }

    private static byte[] Encode(ReadOnlySpan<TimelinePoint> points)
    {
        var bytes = new byte[points.Length * RecordBytes];
        for (var number = 0; number < points.Length; number++)
        {
            var record = bytes.AsSpan(number * RecordBytes, RecordBytes);
            BinaryPrimitives.WriteInt64LittleEndian(record, points[number].At.UtcTicks);
            BinaryPrimitives.WriteInt64LittleEndian(record[TicksBytes..], points[number].Offset);
            BinaryPrimitives.WriteUInt32LittleEndian(record[CheckedBytes..], Check(record));
        }

        return bytes;
    }

    private static uint Check(ReadOnlySpan<byte> record) => BitOperations.Crc32C(
        BitOperations.Crc32C(Seed, BinaryPrimitives.ReadUInt64LittleEndian(record)),
        BinaryPrimitives.ReadUInt64LittleEndian(record[TicksBytes..]));
}
