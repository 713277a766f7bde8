using System.Runtime.InteropServices;

namespace Drover.Runtime.Processes.Native;

/// <summary>
/// Process descriptors. The numbers of these calls are the same on every architecture. Sources: pidfd_open(2),
/// pidfd_send_signal(2), linux/pidfd.h.
/// </summary>
internal static unsafe partial class NativePidfd
{
    /// <summary>Linux 6.9: the signal goes to the group that the process leads or led.</summary>
    internal const uint SignalProcessGroup = 4;

    /// <summary><c>_IOWR(0xFF, 11, struct pidfd_info)</c> with the first published size of 64 bytes.</summary>
    internal const nuint GetInfoRequest = 0xC040FF0B;

    /// <summary>Asks for, and when set in the answer gives, <see cref="PidfdInfo.ExitCode"/>. Linux 6.15.</summary>
    internal const ulong InfoExit = 1 << 3;

    /// <summary>
    /// What fstatfs(2) says of a process descriptor since Linux 6.9, when its inode became an identity.
    /// </summary>
    internal const long FileSystemMagic = 0x50494446;

    private const nint OpenNumber = 434;
    private const nint SendSignalNumber = 424;
    private const int EmptyPath = 0x1000;
    private const uint WantInode = 0x100;

    internal static int Open(int pid) => (int)OpenCall(OpenNumber, pid, 0);

    internal static int SendSignal(SafeHandle handle, int signal, uint flags) =>
        (int)SendSignalCall(SendSignalNumber, handle, signal, 0, flags);

    internal static ulong? InodeOf(SafeHandle handle)
    {
        // struct statfs begins with f_type, a long.
        Span<long> fileSystem = stackalloc long[32];
        fixed (long* place = fileSystem)
        {
            if (FileSystemOf(handle, place) != 0 || fileSystem[0] != FileSystemMagic)
            {
                return null;
            }
        }

        return Statx(handle, "", EmptyPath, WantInode, out var status) == 0 ? status.Inode : null;
    }

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int GetInfo(SafeHandle handle, nuint request, ref PidfdInfo info);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint OpenCall(nint number, int pid, uint flags);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SendSignalCall(nint number, SafeHandle handle, int signal, nint info, uint flags);

    [LibraryImport("libc", EntryPoint = "fstatfs", SetLastError = true)]
    private static partial int FileSystemOf(SafeHandle handle, long* status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(SafeHandle handle, string path, int flags, uint mask, out InodeStatus status);

    /// <summary>struct pidfd_info of linux/pidfd.h as first published.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    internal struct PidfdInfo
    {
        [FieldOffset(0)]
        public ulong Mask;

        /// <summary>As waitpid(2) gives it.</summary>
        [FieldOffset(60)]
        public int ExitCode;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct InodeStatus
    {
        [FieldOffset(32)]
        public ulong Inode;
    }
}
