namespace Drover.Runtime.Files;

/// <summary>
/// Replaces a file whole or not at all: a temporary file beside it, fsync, rename, fsync of the directory. After a
/// power cut at any moment the reader finds the old content or the new, never a part.
/// </summary>
public static class AtomicFile
{
    /// <summary>Readable and writable by the owner alone: what a file with a secret has.</summary>
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Writes <paramref name="content"/> to <paramref name="path"/>, whose directory exists. One writer at a time.
    /// </summary>
    /// <exception cref="IOException">The world refused; the old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there; the old file is
    /// untouched.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode = OwnerOnly)
    {
        var (whole, temporary) = Begin(path);
        try
        {
            using (var stream = new FileStream(temporary, Options(mode)))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, whole, overwrite: true);
        }
        catch (IOException)
        {
            File.Delete(temporary);
            throw;
        }

        NativeFile.SyncDirectory(Path.GetDirectoryName(whole)!);
    }

    /// <summary>
    /// As the other overload, for content too large to hold: <paramref name="write"/> is given the stream. Whatever it
    /// throws, the old file is untouched and nothing is left beside it.
    /// </summary>
    public static void Write(string path, Action<Stream> write, UnixFileMode mode = OwnerOnly)
    {
        ArgumentNullException.ThrowIfNull(write);
        var (whole, temporary) = Begin(path);
        try
        {
            using (var stream = new FileStream(temporary, Options(mode)))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, whole, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        NativeFile.SyncDirectory(Path.GetDirectoryName(whole)!);
    }

    /// <summary>Renames a file within its file system; durable when it returns.</summary>
    /// <exception cref="IOException">The world refused; the file is where it was.</exception>
    public static void Move(string from, string to)
    {
        File.Move(from, to);
        NativeFile.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(from))!);
        NativeFile.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    private static (string Whole, string Temporary) Begin(string path)
    {
        var whole = Path.GetFullPath(path);
        var temporary = whole + ".tmp";

        // A leftover of a killed writer may have another mode or another owner's open handle: never reuse it.
        File.Delete(temporary);
        return (whole, temporary);
    }

    private static FileStreamOptions Options(UnixFileMode mode) => new()
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        BufferSize = 0,
        UnixCreateMode = mode,
    };
}
