namespace Drover.Runtime.Processes;

/// <summary>By what the processes of one instance are known.</summary>
/// <param name="Leader">Of the session and group that it was launched with; null when that was never recorded.</param>
/// <param name="Marker">What it carries in its environment; null when it was given none.</param>
internal sealed record FamilyTraits(ProcessIdentity? Leader, string? Marker);

/// <summary>
/// Decides which processes belong to an instance: its leader, the leader's session and group, what carries its marker,
/// what is in its control group, and all their descendants. Pure. When in doubt a process does not belong: a number
/// that may have been given away again proves nothing.
/// </summary>
internal static class ProcessFamily
{
    private const int KernelThreads = 2;

    /// <param name="table">All processes there are.</param>
    /// <param name="traits">Whose family.</param>
    /// <param name="markerOf">The marker of a process, null when there is none.</param>
    /// <param name="grouped">What is in the instance's control group.</param>
    /// <param name="self">The supervisor, which is never a member although it may have been started by one.</param>
    internal static IReadOnlyList<ProcessStat> Of(
        IReadOnlyCollection<ProcessStat> table,
        FamilyTraits traits,
        Func<int, string?> markerOf,
        IReadOnlySet<int> grouped,
        int self)
    {
        var candidates = table
            .Where(process => process.Pid is not KernelThreads && process.Parent is not KernelThreads)
            .Where(process => process.Pid != self)
            .ToList();
        var isRecycled = traits.Leader is { } leader
            && table.Any(process => process.Pid == leader.Pid && process.StartTime != leader.StartTime);
        var members = new Dictionary<int, ProcessStat>();
        var unvisited = new Queue<ProcessStat>(candidates.Where(
            process => grouped.Contains(process.Pid) || IsRoot(process, traits, isRecycled, markerOf)));
        var children = candidates.ToLookup(process => process.Parent);
        while (unvisited.TryDequeue(out var process))
        {
            if (members.TryAdd(process.Pid, process))
            {
                foreach (var child in children[process.Pid])
                {
                    unvisited.Enqueue(child);
                }
            }
        }

        return [.. members.Values.Where(process => !process.IsDead)];
    }

    /// <summary>Whether the process belongs by what it shows itself, whoever its parent is.</summary>
    internal static bool IsRoot(
        ProcessStat process, FamilyTraits traits, bool isRecycled, Func<int, string?> markerOf)
    {
        if (traits.Leader is { } leader)
        {
            if (process.StartTime < leader.StartTime)
            {
                return false;
            }

            if (process.Pid == leader.Pid)
            {
                return !isRecycled;
            }

            // A session or group keeps its number as long as it has a member, so the number is the instance's unless a
            // process that began later leads it or carries another's marker.
            if (!isRecycled && (process.Session == leader.Pid || process.Group == leader.Pid))
            {
                return traits.Marker is null || markerOf(process.Pid) is not { } other || other == traits.Marker;
            }
        }

        return traits.Marker is not null && !process.IsDead && markerOf(process.Pid) == traits.Marker;
    }
}
