using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Native;

/// <summary>Waiting for children, one process at a time. Source: waitid(2).</summary>
internal static unsafe partial class NativeWait
{
    internal const int NoChild = 10;

    private const int AnyChild = 0;
    private const int OneChild = 1;
    private const int NoHang = 1;
    private const int Exited = 4;
    private const int LeaveWaitable = 0x01000000;
    private const int Interrupted = 4;

    private const int CodeExited = 1;
    private const int CodeDumped = 3;

    /// <summary>
    /// Takes the end of a child of this process. 0 when it has ended, -1 when not yet; else the error.
    /// </summary>
    internal static int TryReap(int pid, out int status) => Wait(OneChild, pid, Exited | NoHang, out _, out status);

    /// <summary>Waits for as long as it takes.</summary>
    internal static int Reap(int pid, out int status) => Wait(OneChild, pid, Exited, out _, out status);

    /// <summary>Waits until some child has ended and leaves it as it is. 0, or the error.</summary>
    internal static int WaitForAny(out int pid) => Wait(AnyChild, 0, Exited | LeaveWaitable, out pid, out _);

    private static int Wait(int kind, int id, int options, out int pid, out int status)
    {
        // siginfo_t of a 64-bit system: signo, errno, code, (pad), pid, uid, status.
        var place = stackalloc int[32];
        int answer;
        do
        {
            new Span<int>(place, 32).Clear();
            answer = WaitId(kind, id, place, options) == 0 ? 0 : Marshal.GetLastPInvokeError();
        }
        while (answer == Interrupted);

        pid = place[4];
        status = place[2] switch
        {
            CodeExited => (place[6] & 0xFF) << 8,
            CodeDumped => place[6] | 0x80,
            _ => place[6],
        };
        return answer == 0 && pid == 0 ? -1 : answer;
    }

    [LibraryImport("libc", EntryPoint = "waitid", SetLastError = true)]
    private static partial int WaitId(int kind, int id, int* place, int options);
}
