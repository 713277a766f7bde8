using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Files;

/// <summary>The few calls of Linux that the base library does not offer. Numbers are those of the generic ABI (x86-64,
/// arm64).</summary>
internal static partial class NativeFile
{
    private const int OpenReadOnly = 0;
    private const int OpenReadWrite = 2;
    private const int OpenCreate = 0x40;
    private const int OpenCloseOnExec = 0x80000;
    private const int LockExclusive = 2;
    private const int LockNonBlocking = 4;
    private const int AtCurrentDirectory = -100;
    private const uint StatxOwnerAndMode = 0x2 | 0x8;
    private const int QueryDescriptionLock = 36;
    private const int SetDescriptionLock = 37;
    private const short WriteLock = 1;
    private const short Unlocked = 2;

    private const int ErrorNoEntry = 2;
    private const int ErrorAgain = 11;
    private const int ErrorAccess = 13;
    private const int ErrorNoDirectory = 20;

    /// <summary>Opens or creates a file without taking the advisory lock that the base library takes on every
    /// open.</summary>
    internal static SafeFileHandle OpenOrCreate(string path, UnixFileMode mode)
    {
        var descriptor = Open(path, OpenReadWrite | OpenCreate | OpenCloseOnExec, (uint)mode);
        return descriptor >= 0 ? new SafeFileHandle(descriptor, ownsHandle: true) : throw Failure("open", path);
    }

    /// <summary>As the other, to read what is there; null where there is nothing.</summary>
    /// <exception cref="UnauthorizedAccessException">This user may not.</exception>
    internal static SafeFileHandle? OpenToLook(string path)
    {
        var descriptor = Open(path, OpenReadOnly | OpenCloseOnExec, 0);
        if (descriptor >= 0)
        {
            return new SafeFileHandle(descriptor, ownsHandle: true);
        }

        return Marshal.GetLastPInvokeError() switch
        {
            ErrorNoEntry or ErrorNoDirectory => null,
            ErrorAccess => throw new UnauthorizedAccessException($"cannot open \"{path}\": permission denied"),
            _ => throw Failure("open", path),
        };
    }

    /// <summary>True when this process now holds the exclusive lock; false when another open file holds it.</summary>
    internal static bool TryLock(SafeFileHandle handle, string path)
    {
        if (FLock(handle, LockExclusive | LockNonBlocking) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == ErrorAgain ? false : throw Failure("lock", path);
    }

    /// <summary>
    /// Puts a second lock beside the first, of the kind that others can look at without taking it. Source: fcntl(2),
    /// open file description locks. A sandbox whose kernel has none of that kind refuses, and then the first lock
    /// stands alone: nobody starts twice, but nobody can look either.
    /// </summary>
    internal static void MarkLocked(SafeFileHandle handle)
    {
        var all = new FileRegion { Kind = WriteLock };
        _ = FControl(handle, SetDescriptionLock, ref all);
    }

    /// <summary>True while another open file has that mark; takes no lock.</summary>
    internal static bool IsMarkedLocked(SafeFileHandle handle)
    {
        var all = new FileRegion { Kind = WriteLock };
        return FControl(handle, QueryDescriptionLock, ref all) == 0 && all.Kind != Unlocked;
    }

    /// <summary>Makes the names in a directory (a rename, a new file) survive a power cut.</summary>
    internal static void SyncDirectory(string path)
    {
        var descriptor = Open(path, OpenReadOnly | OpenCloseOnExec, 0);
        if (descriptor < 0)
        {
            throw Failure("open", path);
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FSync(handle) != 0)
        {
            throw Failure("sync", path);
        }
    }

    /// <summary>Id of the user that owns a file or directory; symbolic links are followed.</summary>
    internal static uint OwnerOf(string path) =>
        Statx(AtCurrentDirectory, path, 0, StatxOwnerAndMode, out var status) == 0
            ? status.Owner
            : throw Failure("examine", path);

    /// <summary>The user this process acts as.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    internal static partial uint EffectiveUser();

    private static IOException Failure(string verb, string path) =>
        new($"cannot {verb} \"{path}\": {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int FLock(SafeFileHandle handle, int operation);

    // The C function takes any number of arguments; on the architectures above it is called like one that takes three.
    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int FControl(SafeFileHandle handle, int command, ref FileRegion region);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out FileStatus status);

    /// <summary>struct flock of fcntl(2) where a long has 64 bits; a length of 0 is all of the file.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FileRegion
    {
        public short Kind;
        public short Whence;
        public long Start;
        public long Length;
        public int Holder;
    }

    /// <summary>struct statx of statx(2), which unlike struct stat has one layout on every architecture.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(20)]
        public uint Owner;
    }
}
