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
        var found = new List<int>();
        var buffer = new byte[64 * 1024];
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
