using System.Globalization;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Files;

/// <summary>
/// An exclusive flock(2) on a file, held until disposed or until the process ends in whatever way; the kernel lets go,
/// so a killed holder never leaves a stale lock. The file holds the holder's process id for the one who is refused.
/// The file itself stays: deleting it would let two processes lock two files of one name.
/// </summary>
public sealed class FileLock : IDisposable
{
    private readonly SafeFileHandle _handle;

    private FileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Takes the lock at once or fails at once.</summary>
    /// <exception cref="FileLockedException">Another process, or another part of this one, holds it.</exception>
    /// <exception cref="IOException">The file cannot be opened or written.</exception>
    public static FileLock Acquire(string path)
    {
        var handle = NativeFile.OpenOrCreate(path, AtomicFile.OwnerOnly);
        try
        {
            if (!NativeFile.TryLock(handle, path))
            {
                throw new FileLockedException(path, ReadHolder(handle));
            }

            NativeFile.MarkLocked(handle);
            RandomAccess.SetLength(handle, 0);
            var holder = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n");
            RandomAccess.Write(handle, Encoding.ASCII.GetBytes(holder), 0);
            return new FileLock(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>
    /// True while somebody holds it. Only looks, so that who asks never keeps anybody from taking it.
    /// </summary>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not look at it.</exception>
    public static bool IsHeld(string path)
    {
        using var handle = NativeFile.OpenToLook(path);
        return handle is not null && NativeFile.IsMarkedLocked(handle);
    }

    /// <summary>Lets go.</summary>
    public void Dispose() => _handle.Dispose();

    private static int? ReadHolder(SafeFileHandle handle)
    {
        Span<byte> buffer = stackalloc byte[16];
        var read = RandomAccess.Read(handle, buffer, 0);
        var text = Encoding.ASCII.GetString(buffer[..read]).Trim();
        return int.TryParse(text, CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }
}

/// <summary>Somebody else holds a <see cref="FileLock"/>.</summary>
/// <param name="path">The lock file.</param>
/// <param name="holderPid">The holder's process id, or null where the file does not (yet) say.</param>
public sealed class FileLockedException(string path, int? holderPid)
    : IOException(
        $"cannot lock \"{path}\": {(holderPid is { } pid ? $"process {pid} holds it" : "another process holds it")}")
{
    /// <summary>The lock file.</summary>
    public string Path { get; } = path;

    /// <summary>The holder's process id, or null where the file does not (yet) say.</summary>
    public int? HolderPid { get; } = holderPid;
}
