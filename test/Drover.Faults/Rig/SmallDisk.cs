using System.Diagnostics;
using System.Globalization;

namespace Drover.Faults.Rig;

/// <summary>
/// A file system of a few megabytes at a directory, to be filled and emptied by a test. Owns the mount; needs root, as
/// the tests with a Docker Engine do.
/// </summary>
internal sealed class SmallDisk : IDisposable
{
    private const int Block = 4096;

    private readonly string _directory;
    private readonly string _ballast;

    /// <summary>Mounts it over an empty directory.</summary>
    public SmallDisk(string directory, int megabytes)
    {
        _directory = directory;
        _ballast = Path.Combine(directory, "ballast");
        Directory.CreateDirectory(directory);
        Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=700"),
            "tmpfs", directory);
    }

    /// <summary>Takes all the room there is.</summary>
    public void Fill()
    {
        using var file = new FileStream(_ballast, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        foreach (var piece in (int[])[64 * Block, Block])
        {
            try
            {
                while (true)
                {
                    file.Write(new byte[piece]);
                }
            }
            catch (IOException)
            {
                // Full for pieces of this size.
            }
        }
    }

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(_ballast);

    public void Dispose() => Run("umount", "-l", _directory);

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"cannot {program} {string.Join(' ', arguments)}: are you root?");
        }
    }
}
