using Drover.Runtime.Processes.Native;
using Drover.Runtime.Processes.Shim;

namespace Drover.Runtime.Processes;

/// <summary>
/// Starts processes, and finds those again that an earlier run of the supervisor started. Any thread may call; one
/// start is made at a time.
/// </summary>
public sealed class ProcessLauncher : IProcessLauncher
{
    private const int NoMoreFiles = 24;

    private readonly ProcessWaiter _waiter;
    private readonly ControlGroups _groups;
    private readonly ExecShim? _shim;

    /// <param name="waiter">Waits for all of them.</param>
    /// <param name="groups">Where control groups are made; none unless given.</param>
    /// <param name="shim">Changes user and limits; a spec that asks for them cannot be launched without.</param>
    public ProcessLauncher(ProcessWaiter waiter, ControlGroups? groups = null, ExecShim? shim = null)
    {
        _waiter = waiter;
        _groups = groups ?? ControlGroups.None;
        _shim = shim;
    }

    /// <summary>
    /// Starts a program. When this says that it started, the program has been loaded; whatever it does after, and
    /// however soon it ends, comes by <see cref="SupervisedProcess.Exit"/>.
    /// </summary>
    public LaunchOutcome Launch(LaunchSpec spec)
    {
        if (Fault(spec) is { } fault)
        {
            return new LaunchOutcome.Failed(spec.Executable, fault);
        }

        if (spec.User is not null || spec.Limits is not null)
        {
            return _shim is null
                ? new LaunchOutcome.Failed(spec.Executable, "there is nothing here to change its user or limits with")
                : _shim.Launch(spec, plan => Start(spec, plan));
        }

        var path = ExecutableSearch.Find(spec.Executable, spec.Environment, spec.WorkingDirectory, out var why);
        if (path is null)
        {
            return new LaunchOutcome.Failed(spec.Executable, why!);
        }

        var held = false;
        try
        {
            spec.Output?.DangerousAddRef(ref held);
            var plan = new SpawnPlan(path, [spec.Executable, .. spec.Arguments], [.. Variables(spec)])
            {
                WorkingDirectory = spec.WorkingDirectory,
                OutputPath = spec.OutputPath,
                Output = (int)(spec.Output?.DangerousGetHandle() ?? -1),
            };
            return Start(spec, plan);
        }
        finally
        {
            if (held)
            {
                spec.Output!.DangerousRelease();
            }
        }
    }

    /// <summary>Finds a process that an earlier run started on this boot. Nothing is signalled.</summary>
    /// <param name="identity">As it was recorded.</param>
    /// <param name="controlGroup">As it was launched with.</param>
    /// <param name="marker">As it was launched with.</param>
    public AdoptOutcome Adopt(ProcessIdentity identity, string? controlGroup = null, string? marker = null)
    {
        if (identity.BootId != ProcessIdentity.CurrentBootId)
        {
            return new AdoptOutcome.Gone(Exit: null);
        }

        var handle = PidHandle.TryOpen(identity.Pid, out _);
        var why = handle is null ? null : identity.Difference(handle);
        if (handle is null || why is not null)
        {
            handle?.Dispose();
            return why is null ? new AdoptOutcome.Gone(Exit: null) : new AdoptOutcome.Mismatch(why);
        }

        if (handle.HasEnded)
        {
            using (handle)
            {
                return new AdoptOutcome.Gone(ForeignEnd.Read(handle, identity));
            }
        }

        // After a restart in place our children are still ours.
        var isChild = ProcessStat.TryRead(identity.Pid)?.Parent == Environment.ProcessId;
        if (isChild)
        {
            _waiter.Children.Add(identity.Pid);
        }

        var process =
            new SupervisedProcess(_waiter, handle, identity, isChild, marker, _groups.Of(controlGroup));
        process.Watch();
        return new AdoptOutcome.Alive(process);
    }

    /// <summary>
    /// The markers that begin with a text, of all living processes that carry one and that this user may look into;
    /// each marker once. One walk over all processes.
    /// </summary>
    public IReadOnlyList<string> Markers(string prefix) =>
    [
        .. ProcessTable.Read()
            .Where(process => !process.IsDead)
            .Select(process => ProcessMarker.TryRead(process.Pid))
            .OfType<string>()
            .Where(marker => marker.StartsWith(prefix, StringComparison.Ordinal))
            .Distinct(StringComparer.Ordinal),
    ];

    /// <summary>
    /// Ends what an instance left behind that has itself ended, or of which it is not known how far its launch came.
    /// </summary>
    /// <param name="identity">Its leader; null when that was never recorded.</param>
    /// <param name="marker">As it was launched with.</param>
    /// <param name="controlGroup">As it was launched with.</param>
    /// <param name="patience">For how long.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who could not be ended.</returns>
    public Task<IReadOnlyList<Survivor>> KillRemainsAsync(
        ProcessIdentity? identity,
        string? marker,
        string? controlGroup,
        TimeSpan patience,
        CancellationToken cancellationToken) =>
        identity is not null && identity.BootId != ProcessIdentity.CurrentBootId
            ? Task.FromResult<IReadOnlyList<Survivor>>([])
            : new FamilySweep(_waiter, new FamilyTraits(identity, marker), _groups.Of(controlGroup))
                .KillAsync(patience, cancellationToken);

    /// <summary>What the child gets, the marker first so that it is found soonest.</summary>
    internal static IEnumerable<string> Variables(LaunchSpec spec)
    {
        var variables = spec.Environment
            .Where(variable => spec.Marker is null || variable.Key != LaunchSpec.MarkerVariable)
            .Select(variable => $"{variable.Key}={variable.Value}");
        return spec.Marker is null ? variables : variables.Prepend($"{LaunchSpec.MarkerVariable}={spec.Marker}");
    }

    private static string? Fault(LaunchSpec spec)
    {
        if (spec.Executable.Length == 0)
        {
            return "no program is named";
        }

        if (!Path.IsPathRooted(spec.WorkingDirectory))
        {
            return $"its working directory \"{spec.WorkingDirectory}\" is not an absolute path";
        }

        var odd = spec.Environment.Keys.FirstOrDefault(
            name => name.Length == 0 || name.Contains('=', StringComparison.Ordinal));
        if (odd is not null)
        {
            return $"\"{odd}\" cannot be the name of a variable";
        }

        // The kernel's texts end with a zero: behind one, the rest would be lost in silence.
        string?[] texts =
        [
            spec.Executable, spec.WorkingDirectory, spec.OutputPath, spec.Marker, .. spec.Arguments,
            .. spec.Environment.Keys, .. spec.Environment.Values,
        ];
        return Array.Exists(texts, text => text?.Contains('\0', StringComparison.Ordinal) is true)
            ? "a zero character is in its command or its environment"
            : null;
    }

    private LaunchOutcome Start(LaunchSpec spec, SpawnPlan plan)
    {
        int error;
        int pid;
        PidHandle? handle = null;
        lock (_waiter.Children.Gate)
        {
            error = SpawnCall.Run(plan, out pid);
            if (error == 0)
            {
                handle = PidHandle.TryOpen(pid, out _);
                if (handle is not null)
                {
                    _waiter.Children.Add(pid);
                }
            }
        }

        if (error != 0)
        {
            return LaunchDiagnosis.Explain(error, spec, plan.Executable);
        }

        return handle is null || ProcessStat.TryRead(pid) is not { } stat
            ? Abandon(spec, pid, handle)
            : new LaunchOutcome.Started(Take(spec, handle, stat));
    }

    private SupervisedProcess Take(LaunchSpec spec, PidHandle handle, ProcessStat stat)
    {
        var identity = new ProcessIdentity(
            ProcessIdentity.CurrentBootId, stat.Pid, stat.StartTime, handle.Inode);

        // Between its first instruction and this the child may already have forked; who is not in the group then is
        // found by session, marker or parent all the same.
        var group = _groups.Of(spec.ControlGroup);
        group?.Join(stat.Pid);
        var process = new SupervisedProcess(_waiter, handle, identity, isChild: true, spec.Marker, group);
        process.Watch();
        return process;
    }

    /// <summary>Nothing runs that cannot be watched. The number is safe: nobody else reaps a child.</summary>
    private LaunchOutcome.Failed Abandon(LaunchSpec spec, int pid, PidHandle? handle)
    {
        _ = NativeSignals.KillGroup(pid, ProcessSignal.Kill.Number);
        _ = NativeWait.Reap(pid, out _);
        _waiter.Children.Remove(pid);
        var (why, _) = LaunchDiagnosis.OfProgram(NoMoreFiles, spec.Executable);
        handle?.Dispose();
        return new LaunchOutcome.Failed(spec.Executable, why);
    }
}
