using Drover.Testing.Docker;

namespace Drover.Testing.Agents;

/// <summary>A file system that knows no fallocate(2) at all (ramfs), for a test of its own. Gone with it.</summary>
public sealed class PlainDisk : IDisposable
{
    private readonly TemporaryDirectory _mountPoint = new();

    /// <summary>Mounts it, which needs root, as the engine does.</summary>
    public PlainDisk() => Shell.Run("mount", "-t", "ramfs", "ramfs", Path);

    /// <summary>Where it is.</summary>
    public string Path => _mountPoint.Path;

    /// <inheritdoc/>
    public void Dispose()
    {
        Shell.Run("umount", "-l", Path);
        _mountPoint.Dispose();
    }
}
