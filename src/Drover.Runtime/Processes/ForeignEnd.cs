using System.Globalization;
using Drover.Runtime.Auth;
using Drover.Runtime.Files;

namespace Drover.Runtime.Processes;

/// <summary>
/// How a process ended that is not a child of this one, which is what an adopted process is. While it is a zombie
/// <c>/proc</c> tells; after its parent has reaped it the descriptor does, from Linux 6.15 on.
/// </summary>
internal static class ForeignEnd
{
    private const uint Root = 0;

    internal static ProcessExit Read(PidHandle handle, ProcessIdentity identity)
    {
        try
        {
            if (ProcessStat.TryRead(identity.Pid) is { } stat
                && stat.StartTime == identity.StartTime
                && stat.IsDead
                && (stat.ExitStatus != 0 || MayLook(identity.Pid)))
            {
                return ProcessExit.FromStatus(stat.ExitStatus);
            }

            return handle.ReadEnd() is { } status
                ? ProcessExit.FromStatus(status)
                : new ProcessExit.Unknown(
                    "another process was its parent, and this kernel does not tell others how a process ended (Linux "
                    + "6.15 does)");
        }
        catch (ObjectDisposedException)
        {
            return new ProcessExit.Unknown("nobody waited for it any more");
        }
    }

    /// <summary>To others the kernel shows 0, which would look like a success.</summary>
    private static bool MayLook(int pid)
    {
        try
        {
            return CurrentUser.Id == Root
                || NativeFile.OwnerOf(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}")) == CurrentUser.Id;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
