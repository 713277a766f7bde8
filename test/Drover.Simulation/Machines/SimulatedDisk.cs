using System.Runtime.InteropServices;
using Drover.Runtime.Journal;

namespace Drover.Simulation.Machines;

/// <summary>
/// Files in memory. It is full for a while, a supervisor dies in the middle of a write, and a power cut takes any part
/// of what was not flushed.
/// </summary>
internal sealed class SimulatedDisk(World world)
{
    private readonly Dictionary<string, Content> _files = [];

    /// <summary>True while it refuses to take anything.</summary>
    internal bool IsFull { get; set; }

    /// <summary>How often it has refused.</summary>
    internal int Refusals { get; private set; }

    /// <summary>As the supervisor of that life sees it; null for somebody who looks at it when all is over.</summary>
    internal IRecordDisk For(SupervisorLife? life) => new View(this, life);

    internal void CutPower()
    {
        foreach (var file in _files.Values)
        {
            file.Cut(file.Flushed + world.Chance.Next(file.Bytes.Count - file.Flushed + 1));
        }
    }

    private Random Chance => world.Chance;

    private void RefuseWhenFull()
    {
        if (IsFull)
        {
            Refusals++;
            throw new IOException("no space left on device");
        }
    }

    private sealed class Content
    {
        internal List<byte> Bytes { get; } = [];

        internal int Flushed { get; set; }

        internal void Put(ReadOnlySpan<byte> bytes, int offset)
        {
            if (Bytes.Count < offset + bytes.Length)
            {
                CollectionsMarshal.SetCount(Bytes, offset + bytes.Length);
            }

            bytes.CopyTo(CollectionsMarshal.AsSpan(Bytes)[offset..]);
        }

        internal void Cut(int length)
        {
            CollectionsMarshal.SetCount(Bytes, Math.Min(length, Bytes.Count));
            Flushed = Math.Min(Flushed, Bytes.Count);
        }
    }

    private sealed class View(SimulatedDisk disk, SupervisorLife? life) : IRecordDisk
    {
        public IRecordMedium Open(string path)
        {
            life?.Step();
            if (!disk._files.TryGetValue(path, out var file))
            {
                disk._files.Add(path, file = new Content());
            }

            return new Medium(disk, life, file);
        }

        public void Delete(string path)
        {
            life?.Step();
            disk._files.Remove(path);
        }

        public void Replace(string from, string to)
        {
            life?.Step();
            disk._files[to] = disk._files[from];
            disk._files.Remove(from);
            life?.Step();
        }
    }

    private sealed class Medium(SimulatedDisk disk, SupervisorLife? life, Content file) : IRecordMedium
    {
        public long Length => file.Bytes.Count;

        public int Read(Span<byte> buffer, long offset)
        {
            var there = CollectionsMarshal.AsSpan(file.Bytes)[(int)offset..];
            var length = Math.Min(there.Length, buffer.Length);
            there[..length].CopyTo(buffer);
            return length;
        }

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            var at = life?.Sabotage is Sabotage.RecordsOverwriteOneAnother ? 0 : (int)offset;
            if (disk.IsFull)
            {
                file.Put(bytes[..disk.Chance.Next(bytes.Length)], at);
                disk.RefuseWhenFull();
            }

            if (life?.DiesNow() is true)
            {
                file.Put(bytes[..disk.Chance.Next(bytes.Length + 1)], at);
                throw new SupervisorKilledException();
            }

            var isLost = life?.Sabotage is Sabotage.RecordsAreLost && disk.Chance.Next(3) == 0;
            file.Put(isLost ? new byte[bytes.Length] : bytes, at);

            life?.Step();
        }

        public void SetLength(long length)
        {
            life?.Step();
            file.Cut((int)length);
        }

        public void Flush()
        {
            life?.Step();
            disk.RefuseWhenFull();
            file.Flushed = file.Bytes.Count;
        }

        public void Dispose()
        {
        }
    }
}
