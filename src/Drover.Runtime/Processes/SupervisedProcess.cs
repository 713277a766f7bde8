using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// A process that was launched or adopted, with all that it leads to. Holds a descriptor of it, so that no other
/// process is ever signalled in its place. Dispose it when the instance is over; a process that still runs then goes
/// on, and is reaped when it ends.
/// </summary>
public sealed class SupervisedProcess : ISupervisedProcess
{
    private const int InvalidArgument = 22;

    private readonly ProcessWaiter _waiter;
    private readonly PidHandle _handle;
    private readonly bool _isChild;
    private readonly FamilyTraits _traits;
    private readonly ControlGroup? _group;
    private readonly long _oomKillsBefore;
    private readonly TaskCompletionSource<ProcessExit> _exit = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal SupervisedProcess(
        ProcessWaiter waiter,
        PidHandle handle,
        ProcessIdentity identity,
        bool isChild,
        string? marker,
        ControlGroup? group)
    {
        _waiter = waiter;
        _handle = handle;
        _isChild = isChild;
        _traits = new FamilyTraits(identity, marker);
        _group = group;
        _oomKillsBefore = group?.OomKills() ?? 0;
        Identity = identity;
    }

    /// <summary>To be recorded, and given to <see cref="ProcessLauncher.Adopt"/> later.</summary>
    public ProcessIdentity Identity { get; }

    /// <summary>As it was launched with; null when with none.</summary>
    public string? Marker => _traits.Marker;

    /// <summary>
    /// Completes when the process itself, with its threads, has ended; what it started may live on. Continuations do
    /// not run on the waiter's thread.
    /// </summary>
    public Task<ProcessExit> Exit => _exit.Task;

    /// <summary>
    /// Signals the whole group, also when its leader has ended and others of it live. A stopped group is continued, so
    /// that it notices. False, and nothing was sent, when nobody is in it any more, not even as a zombie.
    /// </summary>
    public bool Signal(ProcessSignal signal)
    {
        var sent = SendToGroup(signal);
        if (sent && signal.WaitsForContinue)
        {
            SendToGroup(ProcessSignal.Continue);
        }

        return sent;
    }

    /// <summary>Whether the process or anything it started lives.</summary>
    public bool AnythingLeft() => !_handle.HasEnded || AnyFamilyLeft();

    /// <summary>
    /// Kills the group, the control group, and by looking for them all others of the family, until it is proven that
    /// nothing lives. Where nothing is left it says so at once. Answers who could not be ended within the patience.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller gave up; what was killed is killed.</exception>
    public async Task<IReadOnlyList<Survivor>> KillEverythingAsync(
        TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!AnythingLeft())
        {
            return [];
        }

        return await Sweep().KillAsync(patience, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Begins to wait. After this the process is the waiter's to reap, if it is a child.</summary>
    internal void Watch() => _waiter.WhenEnded(_handle, OnEnded);

    /// <summary>Signals by number. Right only while the leader lives or is a child that nobody has reaped.</summary>
    internal bool SendByNumber(ProcessSignal signal)
    {
        if (_handle.HasEnded)
        {
            return Sweep().Signal(signal);
        }

        return NativeSignals.KillGroup(Identity.Pid, signal.Number) == 0;
    }

    private bool SendToGroup(ProcessSignal signal) => _handle.SendToGroup(signal) switch
    {
        0 => true,
        InvalidArgument => SendByNumber(signal),
        _ => false,
    };

    private bool AnyFamilyLeft() =>
        (_isChild && _waiter.IsReaper ? Sweep().AnyOrphan() : null) ?? Sweep().Look().Count > 0;

    private FamilySweep Sweep() => new(_waiter, _traits, _group);

    private void OnEnded()
    {
        if (!_isChild)
        {
            Complete(ForeignEnd.Read(_handle, Identity));
            return;
        }

        switch (NativeWait.TryReap(Identity.Pid, out var status))
        {
            case 0:
                Reaped(ProcessExit.FromStatus(status));
                break;
            case -1:
                // A debugger holds it back: it becomes ours to reap when that lets go.
                _ = Task.Run(ReapLater);
                break;
            default:
                Reaped(ForeignEnd.Read(_handle, Identity));
                break;
        }
    }

    private void ReapLater() =>
        Reaped(NativeWait.Reap(Identity.Pid, out var status) == 0
            ? ProcessExit.FromStatus(status)
            : ForeignEnd.Read(_handle, Identity));

    private void Reaped(ProcessExit exit)
    {
        _waiter.Children.Remove(Identity.Pid);
        Complete(exit);
    }

    private void Complete(ProcessExit exit) =>
        _exit.TrySetResult(exit is ProcessExit.BySignal { Name: "SIGKILL" } && _group?.OomKills() > _oomKillsBefore
            ? exit with { OutOfMemory = true }
            : exit);
}
