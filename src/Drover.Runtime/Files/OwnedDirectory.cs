namespace Drover.Runtime.Files;

/// <summary>Checks, before anything is stored in it, that a directory is this user's own and can be written.</summary>
public static class OwnedDirectory
{
    private const int NoSpaceLeft = 28;
    private const int QuotaExceeded = 122;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates the directory (mode 0700) with its parents where it is missing, and proves that a file can be
    /// written in it.</summary>
    /// <exception cref="DirectoryUnusableException">It is no directory, belongs to another user, or cannot be written;
    /// the sentence says what to do.</exception>
    public static void Ensure(string path)
    {
        if (File.Exists(path))
        {
            throw new DirectoryUnusableException(path, "it is a file; choose another path");
        }

        try
        {
            Directory.CreateDirectory(path, OwnerOnly);
            var owner = NativeFile.OwnerOf(path);
            var user = NativeFile.EffectiveUser();
            if (owner != user)
            {
                throw new DirectoryUnusableException(
                    path,
                    $"it belongs to user {owner} and this process runs as user {user}; run as its owner or choose "
                        + "another directory");
            }

            Probe(path);
        }
        catch (Exception failure) when (
            failure is UnauthorizedAccessException or IOException and not DirectoryUnusableException)
        {
            throw new DirectoryUnusableException(
                path,
                IsFull(failure)
                    ? "the disk is full; free some space"
                    : $"it cannot be written ({Reason(failure)}); make it writable for this user or choose another "
                        + "directory");
        }
    }

    /// <summary>True when people other than the owner may read the file.</summary>
    public static bool IsReadableByOthers(string file) =>
        (File.GetUnixFileMode(file) & (UnixFileMode.GroupRead | UnixFileMode.OtherRead)) != 0;

    private static void Probe(string path)
    {
        // Writing is the only honest test: permission bits say nothing of a read-only or full file system.
        var probe = Path.Combine(path, $".probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
        using (var stream = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            stream.WriteByte(0);
        }

        File.Delete(probe);
    }

    /// <summary>The base library gives the number of an error that it has no exception for. Source: errno(3).</summary>
    private static bool IsFull(Exception failure) => failure.HResult is NoSpaceLeft or QuotaExceeded;

    private static string Reason(Exception failure) => failure switch
    {
        UnauthorizedAccessException => "permission denied",
        _ => failure.Message.TrimEnd('.'),
    };
}

/// <summary>A directory that was chosen to store in cannot be used; the message is for people.</summary>
/// <param name="path">The directory.</param>
/// <param name="why">The reason and what to do.</param>
public sealed class DirectoryUnusableException(string path, string why)
    : IOException($"cannot use directory \"{path}\": {why}")
{
    /// <summary>The directory.</summary>
    public string Path { get; } = path;
}
