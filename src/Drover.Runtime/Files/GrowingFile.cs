using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Files;

/// <summary>
/// The calls that a file needs which another process appends to: opened without following a link, examined, and its
/// front given back to the file system while the writer goes on (fallocate(2)). Appending holds the inode's lock, and
/// so does each of these calls, so no byte that is being appended is touched.
/// </summary>
public static partial class GrowingFile
{
    private const int OpenReadOnly = 0;
    private const int OpenReadWrite = 2;
    private const int OpenCreate = 0x40;
    private const int OpenNonBlocking = 0x800;
    private const int OpenCloseOnExec = 0x80000;
    private const int AtCurrentDirectory = -100;
    private const int AtNoFollow = 0x100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasic = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int KeepSize = 1;
    private const int PunchHole = 2;
    private const int CollapseRange = 8;
    private const int SeekData = 3;
    private const int ErrorNoEntry = 2;
    private const int ErrorInterrupted = 4;
    private const int ErrorNoSuchData = 6;
    private const int ErrorInvalid = 22;
    private const int ErrorNoSystemCall = 38;
    private const int ErrorNotSupported = 95;

    // The one flag of open(2) whose number differs between x86-64 and arm64.
    private static readonly int OpenNoFollow =
        RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <summary>Opens a regular file; null when there is none of that name.</summary>
    /// <exception cref="IOException">It is a link or no regular file, or may not be opened.</exception>
    public static SafeFileHandle? TryOpen(string path, bool write) =>
        Open(path, (write ? OpenReadWrite : OpenReadOnly) | OpenNonBlocking, 0);

    /// <summary>Opens a regular file for reading and writing and makes it where it is missing.</summary>
    /// <exception cref="IOException">It is a link or no regular file, or cannot be made.</exception>
    public static SafeFileHandle OpenOrCreate(string path, UnixFileMode mode) =>
        Open(path, OpenReadWrite | OpenCreate | OpenNonBlocking, (uint)mode) ?? throw Failure("create", path);

    /// <summary>What stands under a name; null when there is no regular file.</summary>
    public static FileFacts? Examine(string path)
    {
        if (Statx(AtCurrentDirectory, path, AtNoFollow, StatxBasic, out var status) == 0)
        {
            return (status.Mode & TypeMask) == RegularFile ? status.ToFacts() : null;
        }

        return Marshal.GetLastPInvokeError() is ErrorNoEntry ? null : throw Failure("examine", path);
    }

    /// <summary>The same of an open file, whatever its name is by now.</summary>
    public static FileFacts Examine(SafeFileHandle file) =>
        StatxOf(file, "", AtEmptyPath, StatxBasic, out var status) == 0
            ? status.ToFacts()
            : throw Failure("examine", "an open file");

    /// <summary>
    /// Takes the first <paramref name="length"/> bytes out of the file: what follows moves to its beginning. All or
    /// nothing, also over a power cut (ext4, xfs). The length is a multiple of the file system's block, and at least
    /// one byte remains.
    /// </summary>
    public static SpaceOutcome Collapse(SafeFileHandle file, long length) =>
        Allocate(file, CollapseRange, length);

    /// <summary>Gives the first <paramref name="length"/> bytes back and leaves a hole: nothing moves.</summary>
    public static SpaceOutcome Punch(SafeFileHandle file, long length) =>
        Allocate(file, PunchHole | KeepSize, length);

    /// <summary>Where the first byte is that is not in a hole, as far as the file system tells; null without
    /// data.</summary>
    public static long? FirstData(SafeFileHandle file)
    {
        var offset = Seek(file, 0, SeekData);
        return offset >= 0 ? offset
            : Marshal.GetLastPInvokeError() is ErrorNoSuchData ? null
            : throw Failure("search", "an open file");
    }

    private static SafeFileHandle? Open(string path, int flags, uint mode)
    {
        var descriptor = OpenFile(path, flags | OpenCloseOnExec | OpenNoFollow, mode);
        if (descriptor < 0)
        {
            return Marshal.GetLastPInvokeError() is ErrorNoEntry && (flags & OpenCreate) is 0
                ? null
                : throw Failure("open", path);
        }

        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (StatxOf(handle, "", AtEmptyPath, StatxBasic, out var status) == 0
            && (status.Mode & TypeMask) == RegularFile)
        {
            return handle;
        }

        handle.Dispose();
        throw new IOException($"cannot open \"{path}\": it is not a regular file");
    }

    private static SpaceOutcome Allocate(SafeFileHandle file, int mode, long length)
    {
        while (FAllocate(file, mode, 0, length) != 0)
        {
            switch (Marshal.GetLastPInvokeError())
            {
                case ErrorInterrupted:
                    continue;
                case ErrorNotSupported or ErrorNoSystemCall:
                    return SpaceOutcome.Unsupported;
                case ErrorInvalid:
                    return SpaceOutcome.Misaligned;
                default:
                    throw Failure("shorten", "an open file");
            }
        }

        return SpaceOutcome.Done;
    }

    private static IOException Failure(string verb, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new($"cannot {verb} \"{path}\": {new Win32Exception(error).Message}", error);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatxOf(SafeFileHandle file, string path, int flags, uint mask, out FileStatus status);

    [LibraryImport("libc", EntryPoint = "fallocate", SetLastError = true)]
    private static partial int FAllocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle file, long offset, int whence);

    /// <summary>struct statx of statx(2).</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        private const int BytesPerBlock = 512;
        private const int NanosPerTick = 100;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Inode;

        [FieldOffset(40)]
        public ulong Length;

        [FieldOffset(48)]
        public ulong Blocks;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanos;

        public readonly FileFacts ToFacts() => new(
            Inode,
            (long)Length,
            (long)Blocks * BytesPerBlock,
            DateTimeOffset.UnixEpoch.AddTicks((ModifiedSeconds * TimeSpan.TicksPerSecond)
                + (ModifiedNanos / NanosPerTick)));
    }
}

/// <summary>What the file system says of a file.</summary>
/// <param name="Inode">Its number: another file under the same name has another one.</param>
/// <param name="Length">Bytes, holes included.</param>
/// <param name="Allocated">Bytes that take room on the disk.</param>
/// <param name="Modified">When it was last written, by the wall clock.</param>
public readonly record struct FileFacts(ulong Inode, long Length, long Allocated, DateTimeOffset Modified);

/// <summary>How giving the front of a file back ended.</summary>
public enum SpaceOutcome
{
    /// <summary>It is gone.</summary>
    Done,

    /// <summary>This file system cannot; nothing happened.</summary>
    Unsupported,

    /// <summary>The length is no multiple of what the file system asks for, or is the whole file; nothing
    /// happened.</summary>
    Misaligned,
}
