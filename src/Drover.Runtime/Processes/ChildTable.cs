using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Globalization;
using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// Which children of this process have an owner here. A child is in it before anyone else can look for it: whoever
/// launches holds <see cref="Gate"/> over the start and the entry, and so does whoever reaps one that is not in it.
/// </summary>
internal sealed class ChildTable
{
    // Eight digits at most for each; of more than eight thousand children only those are seen.
    private const int MostBytes = 64 * 1024;

    // An orphan is given to the first thread of its new parent that is not about to end, and the first one of this
    // process lives as long as the process. Children of other threads are those that they launched, or were given by
    // threads that ended. One file instead of twenty, on the way of every restart. Source: kernel/exit.c,
    // find_new_reaper.
    private static readonly string s_childrenOfFirstThread =
        string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{Environment.ProcessId}/children");

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
            var length = NativeFiles.Read(s_childrenOfFirstThread, buffer);
            return length < 0 ? null : Orphans(buffer.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private List<int> Orphans(ReadOnlySpan<byte> children)
    {
        var found = new List<int>();
        foreach (var range in children.Split((byte)' '))
        {
            if (Utf8Parser.TryParse(children[range], out int pid, out _) && !Owns(pid))
            {
                found.Add(pid);
            }
        }

        return found;
    }
}
