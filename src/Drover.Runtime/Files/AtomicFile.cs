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
        var whole = Path.GetFullPath(path);
        var temporary = whole + ".tmp";

        // A leftover of a killed writer may have another mode or another owner's open handle: never reuse it.
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 0,
            UnixCreateMode = mode,
        };
        try
        {
            using (var stream = new FileStream(temporary, options))
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
}
