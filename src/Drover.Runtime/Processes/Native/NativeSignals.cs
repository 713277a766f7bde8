using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Native;

/// <summary>Signals by number, and what this process does about the end of children.</summary>
internal static unsafe partial class NativeSignals
{
    internal const int ChildSignal = 17;

    private const nint Default = 0;
    private const nint Ignore = 1;
    private const int SetChildSubreaper = 36;

    /// <summary>0, or the error.</summary>
    internal static int KillGroup(int group, int signal) =>
        Kill(-group, signal) == 0 ? 0 : Marshal.GetLastPInvokeError();

    /// <summary>
    /// A process that was started with SIGCHLD ignored never learns how its children ended. Source: sigaction(2).
    /// </summary>
    internal static void StopIgnoringChildren() => StopIgnoring(ChildSignal);

    internal static void StopIgnoring(int signal)
    {
        // struct sigaction begins with the handler; 256 bytes hold all of it in every C library.
        var place = stackalloc nint[32];
        if (Action(signal, null, place) == 0 && place[0] == Ignore)
        {
            SetDefault(signal);
        }
    }

    internal static void SetDefault(int signal) => _ = SetHandler(signal, Default);

    /// <summary>
    /// Orphans among the descendants become children of this process. False where the system refuses. Source:
    /// PR_SET_CHILD_SUBREAPER(2const).
    /// </summary>
    internal static bool BecomeSubreaper() => Control(SetChildSubreaper, 1, 0, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int Action(int signal, nint* change, nint* present);

    [LibraryImport("libc", EntryPoint = "signal", SetLastError = true)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}
