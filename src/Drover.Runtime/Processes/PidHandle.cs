using System.Runtime.InteropServices;
using Drover.Runtime.Processes.Native;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Processes;

/// <summary>
/// A process descriptor: means one process and never another, however often its number is used again. Needs Linux 5.3.
/// Source: pidfd_open(2).
/// </summary>
internal sealed class PidHandle : SafeHandleMinusOneIsInvalid
{
    private PidHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The error of the last failed open that says there is no such process.</summary>
    internal const int NoSuchProcess = 3;

    /// <summary>Its number in the file system of processes, unique within one boot; 0 before Linux 6.9.</summary>
    internal ulong Inode => NativePidfd.InodeOf(this) ?? 0;

    /// <summary>
    /// True when the process, with all its threads, has ended; whether it was reaped does not matter.
    /// </summary>
    internal bool HasEnded => NativePoll.IsReadable(this);

    /// <summary>Opens the process that has this number now; null and the error when there is none.</summary>
    internal static PidHandle? TryOpen(int pid, out int error)
    {
        var descriptor = NativePidfd.Open(pid);
        error = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new PidHandle(descriptor);
    }

    /// <summary>Signals this process alone; 0, or the error.</summary>
    internal int Send(ProcessSignal signal) => Send(signal, 0);

    /// <summary>Signals the group that it leads or led, also when it has ended. Linux 6.9.</summary>
    internal int SendToGroup(ProcessSignal signal) => Send(signal, NativePidfd.SignalProcessGroup);

    /// <summary>
    /// How it ended, as waitpid(2) would tell its parent; null when it has not been reaped yet or the kernel does not
    /// tell others (before Linux 6.15).
    /// </summary>
    internal int? ReadEnd()
    {
        var answer = new NativePidfd.PidfdInfo { Mask = NativePidfd.InfoExit };
        return NativePidfd.GetInfo(this, NativePidfd.GetInfoRequest, ref answer) == 0
            && (answer.Mask & NativePidfd.InfoExit) != 0
                ? answer.ExitCode
                : null;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => NativePoll.Close((int)handle) == 0;

    private int Send(ProcessSignal signal, uint flags) =>
        NativePidfd.SendSignal(this, signal.Number, flags) == 0 ? 0 : Marshal.GetLastPInvokeError();
}
