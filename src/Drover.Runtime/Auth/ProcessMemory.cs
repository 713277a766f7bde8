using System.Runtime.InteropServices;

namespace Drover.Runtime.Auth;

/// <summary>
/// Keeps the memory of this process, which holds keys and tokens, to itself: no core dump is written when it crashes,
/// and another process of the same user can neither attach to it nor read its memory or environment. Holds for this
/// process alone; a child starts without it. Root can still look. Source: PR_SET_DUMPABLE(2const), proc(5), ptrace(2).
/// </summary>
public static partial class ProcessMemory
{
    private const int SetDumpable = 4;

    /// <summary>From now on. False when the system refuses, which leaves everything as it was.</summary>
    public static bool KeepPrivate() => Control(SetDumpable, 0, 0, 0, 0) == 0;

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint second, nuint third, nuint fourth, nuint fifth);
}
