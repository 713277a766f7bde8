using Drover.Runtime.Files;
using Microsoft.Win32.SafeHandles;

namespace Drover.Runtime.Journal;

/// <summary>The files of this machine. A new one can be read by its owner alone.</summary>
public sealed class MachineDisk : IRecordDisk
{
    /// <summary>There is one.</summary>
    public static readonly MachineDisk Instance = new();

    private MachineDisk()
    {
    }

    /// <inheritdoc/>
    public IRecordMedium Open(string path)
    {
        var isNew = !File.Exists(path);
        var handle = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        try
        {
            if (isNew)
            {
                File.SetUnixFileMode(handle, AtomicFile.OwnerOnly);
                NativeFile.SyncDirectory(DirectoryOf(path));
            }

            return new Medium(handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Delete(string path) => File.Delete(path);

    /// <inheritdoc/>
    public void Replace(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        NativeFile.SyncDirectory(DirectoryOf(to));
    }

    private static string DirectoryOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;

    private sealed class Medium(SafeFileHandle handle) : IRecordMedium
    {
        public long Length => RandomAccess.GetLength(handle);

        public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(handle, buffer, offset);

        public void Write(ReadOnlySpan<byte> bytes, long offset) => RandomAccess.Write(handle, bytes, offset);

        public void SetLength(long length) => RandomAccess.SetLength(handle, length);

        public void Flush() => RandomAccess.FlushToDisk(handle);

        public void Dispose() => handle.Dispose();
    }
}
