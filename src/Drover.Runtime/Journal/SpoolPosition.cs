using System.Buffers.Binary;
using System.Security.Cryptography;
using Drover.Runtime.Files;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Journal;

/// <summary>
/// The number up to which a spool's entries are acknowledged, on disk. Two slots are written in turn, each with a
/// digest, so that a write cut short leaves the other one.
/// </summary>
internal sealed class SpoolPosition : IDisposable
{
    private const int SlotLength = 64;
    private const int DigestAt = 16;
    private const int DigestLength = 16;

    private readonly SafeFileHandle _handle;
    private long _generation;

    private SpoolPosition(SafeFileHandle handle) => _handle = handle;

    /// <summary>All entries up to this number are acknowledged; 0 is none.</summary>
    internal long Acknowledged { get; private set; }

    internal static SpoolPosition Open(string path)
    {
        var position = new SpoolPosition(NativeFile.OpenOrCreate(path, AtomicFile.OwnerOnly));
        Span<byte> slot = stackalloc byte[SlotLength];
        slot.Clear();
        for (var index = (int)(RandomAccess.GetLength(position._handle) / SlotLength); index < 2; index++)
        {
            // Both slots have their place on disk from the beginning: acknowledging works on a disk that is full.
            RandomAccess.Write(position._handle, slot, index * SlotLength);
        }

        for (var index = 0; index < 2; index++)
        {
            slot.Clear();
            _ = RandomAccess.Read(position._handle, slot, index * SlotLength);
            var generation = BinaryPrimitives.ReadInt64LittleEndian(slot);
            if (generation > position._generation && IsWhole(slot))
            {
                position._generation = generation;
                position.Acknowledged = BinaryPrimitives.ReadInt64LittleEndian(slot[8..]);
            }
        }

        return position;
    }

    /// <summary>Returns when the new position is on disk.</summary>
    internal void Move(long acknowledged)
    {
        Span<byte> slot = stackalloc byte[SlotLength];
        slot.Clear();
        var generation = _generation + 1;
        BinaryPrimitives.WriteInt64LittleEndian(slot, generation);
        BinaryPrimitives.WriteInt64LittleEndian(slot[8..], acknowledged);
        Digest(slot).CopyTo(slot[DigestAt..]);
        RandomAccess.Write(_handle, slot, (generation % 2) * SlotLength);
        RandomAccess.FlushToDisk(_handle);
        _generation = generation;
        Acknowledged = acknowledged;
    }

    public void Dispose() => _handle.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> slot) =>
        Digest(slot).SequenceEqual(slot.Slice(DigestAt, DigestLength));

    private static ReadOnlySpan<byte> Digest(ReadOnlySpan<byte> slot) =>
        SHA256.HashData(slot[..DigestAt]).AsSpan(0, DigestLength);
}
