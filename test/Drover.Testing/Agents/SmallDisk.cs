using Drover.Testing.Docker;

namespace Drover.Testing.Agents;

/// <summary>A file system of its own with little room, in memory, that a test fills and frees. Gone with it.</summary>
public sealed class SmallDisk : IDisposable
{
    private readonly TemporaryDirectory _mountPoint = new();

    /// <param name="megabytes">All there is.</param>
    public SmallDisk(int megabytes)
    {
        Shell.Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m,mode=700", "tmpfs", Path);
        if (new DriveInfo(Path).TotalSize != (long)megabytes << 20)
        {
            _mountPoint.Dispose();
            throw new InvalidOperationException("cannot mount a small tmpfs: this test needs root, as the engine does");
        }
    }

    /// <summary>Where it is.</summary>
    public string Path => _mountPoint.Path;

    private string Filler => _mountPoint.File("filler");

    /// <summary>Leaves no room for anything.</summary>
    public void Fill()
    {
        using var filler = File.OpenHandle(Filler, FileMode.Append, FileAccess.Write);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                RandomAccess.Write(filler, page, RandomAccess.GetLength(filler));
            }
        }
        catch (IOException)
        {
            // Full.
        }
    }

    /// <summary>Gives the room back.</summary>
    public void Free() => File.Delete(Filler);

    /// <inheritdoc/>
    public void Dispose()
    {
        Shell.Run("umount", "-l", Path);
        _mountPoint.Dispose();
    }
}
