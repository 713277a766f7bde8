using Drover.Runtime.Events;

namespace Drover.Runtime.Processes;

/// <summary>
/// Ends a whole family and proves it: look, kill what is there by descriptors that were checked against the look, wait
/// for the ends, look again, until two looks in a row find nothing. What forks while it is swept is found by the next
/// look.
/// </summary>
internal sealed class FamilySweep
{
    private const int NotPermitted = 1;
    private const int LooksThatProve = 2;

    /// <summary>Ends come by event; this is for those that do not come.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>For what was gone before it could be killed.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(2);

    private readonly ProcessWaiter _waiter;
    private readonly FamilyTraits _traits;
    private readonly ControlGroup? _group;
    private readonly HashSet<int> _refused = [];

    internal FamilySweep(ProcessWaiter waiter, FamilyTraits traits, ControlGroup? group)
    {
        _waiter = waiter;
        _traits = traits;
        _group = group;
    }

    /// <summary>The living members, from the whole table of processes.</summary>
    internal IReadOnlyList<ProcessStat> Look() =>
        ProcessFamily.Of(
            ProcessTable.Read(),
            _traits,
            ProcessMarker.TryRead,
            _group?.Members() ?? (IReadOnlySet<int>)new HashSet<int>(),
            Environment.ProcessId);

    /// <summary>
    /// Whether anything of a child's family lives after the child has ended, where orphans come to this process: then
    /// every branch of the family hangs from an orphan of ours, and they are few. A millisecond less than
    /// <see cref="Look"/>, on the way of every restart. Null where children are not listed.
    /// </summary>
    internal bool? AnyOrphan()
    {
        if (_group?.IsPopulated() is true)
        {
            return true;
        }

        return _waiter.Children.Orphans()?
            .Select(ProcessStat.TryRead)
            .OfType<ProcessStat>()
            .Any(orphan => !orphan.IsDead
                && ProcessFamily.IsRoot(orphan, _traits, isRecycled: false, ProcessMarker.TryRead));
    }

    /// <summary>What is left when the patience is at its end; empty when nothing is.</summary>
    internal async Task<IReadOnlyList<Survivor>> KillAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var begin = _waiter.Time.GetTimestamp();
        var empty = 0;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _group?.Kill();
            var members = Look();
            if (members.Count == 0)
            {
                if (++empty == LooksThatProve)
                {
                    return [];
                }

                continue;
            }

            empty = 0;
            if (_waiter.Time.GetElapsedTime(begin) >= patience)
            {
                return [.. members.Select(member => ToSurvivor(member, patience))];
            }

            await EndAsync(members, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Signals each living member by its own descriptor; true when one was reached.</summary>
    internal bool Signal(ProcessSignal signal)
    {
        var any = false;
        foreach (var member in Look())
        {
            using var handle = Open(member);
            any |= handle is not null && handle.Send(signal) == 0;
        }

        return any;
    }

    /// <summary>Null when the number is not the same process any more.</summary>
    private static PidHandle? Open(ProcessStat member)
    {
        var handle = PidHandle.TryOpen(member.Pid, out _);
        if (handle is not null && ProcessStat.TryRead(member.Pid)?.StartTime != member.StartTime)
        {
            handle.Dispose();
            return null;
        }

        return handle;
    }

    private async Task EndAsync(IReadOnlyList<ProcessStat> members, CancellationToken cancellationToken)
    {
        var ends = new List<Task>();
        var keys = new List<ulong>();
        foreach (var member in members)
        {
            using var handle = Open(member);
            switch (handle?.Send(ProcessSignal.Kill))
            {
                case 0:
                    var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                    keys.Add(_waiter.WhenEnded(handle, end.SetResult));
                    ends.Add(end.Task);
                    break;
                case NotPermitted:
                    _refused.Add(member.Pid);
                    break;
            }
        }

        try
        {
            // With no end to wait for, the pause keeps the loop from running hot.
            var all = ends.Count > 0
                ? Task.WhenAll(ends)
                : Task.Delay(_refused.Count > 0 ? LookAgain : Moment, _waiter.Time, cancellationToken);
            await all.WithinAsync(LookAgain, _waiter.Time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            keys.ForEach(_waiter.Forget);
        }
    }

    private Survivor ToSurvivor(ProcessStat member, TimeSpan patience) =>
        new(member.Pid, member.Command, member.State, WhyAlive(member, patience));

    private string WhyAlive(ProcessStat member, TimeSpan patience) => member.State switch
    {
        _ when _refused.Contains(member.Pid) => "it belongs to another user, whose processes this one may not end",
        'D' => "it waits in the kernel, for a disk or a network file system, and ends when that answers",
        _ => $"it has not ended within {patience.TotalSeconds:0.#} s of SIGKILL",
    };
}
