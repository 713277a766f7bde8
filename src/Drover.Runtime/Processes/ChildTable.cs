using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// Which children of this process have an owner here. A child is in it before anyone else can look for it: whoever
/// launches holds <see cref="Gate"/> over the start and the entry, and so does whoever reaps one that is not in it.
/// </summary>
internal sealed class ChildTable
{
    // Eight digits at most for each; a thread that was given more than eight thousand children shows only those.
    private const int MostBytes = 64 * 1024;

    private readonly ConcurrentDictionary<int, bool> _owned = new();

    internal Lock Gate { get; } = new();

    /// <summary>Set when a child was added.</summary>
    internal AutoResetEvent Added { get; } = new(false);

    /// <summary>Set when a child was reaped.</summary>
    internal AutoResetEvent Reaped { get; } = new(false);

    internal bool IsEmpty => _owned.IsEmpty;

    internal bool Owns(int pid) => _owned.ContainsKey(pid);

    internal void Add(int pid)
    {
        _owned[pid] = true;
        Added.Set();
    }

    internal void Remove(int pid)
    {
        _owned.TryRemove(pid, out _);
        Reaped.Set();
    }

    /// <summary>
    /// The children without an owner, which are orphans that came to this process; alive or not. Null where the kernel
    /// does not list children. Source: proc_pid_task_tid_children(5).
    /// </summary>
    internal IReadOnlyList<int>? Orphans()
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MostBytes);
        try
        {
            return Orphans(buffer);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private List<int>? Orphans(byte[] buffer)
    {
        var found = new List<int>();
        foreach (var thread in Directory.EnumerateDirectories("/proc/self/task"))
        {
            var length = NativeFiles.Read(thread + "/children", buffer);
            if (length < 0 && Directory.Exists(thread))
            {
                return null;
            }

            var text = Encoding.ASCII.GetString(buffer.AsSpan(0, Math.Max(length, 0)));
            foreach (var number in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var pid = int.Parse(number, CultureInfo.InvariantCulture);
                if (!Owns(pid))
                {
                    found.Add(pid);
                }
            }
        }

        return found;
    }
}
