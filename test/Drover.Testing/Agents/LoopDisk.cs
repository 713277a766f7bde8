using Drover.Testing.Docker;

namespace Drover.Testing.Agents;

/// <summary>A real file system in a file, mounted for a test of its own. Gone with it.</summary>
public sealed class LoopDisk : IDisposable
{
    private static readonly Dictionary<string, (string Package, int Megabytes)> Kinds = new(StringComparer.Ordinal)
    {
        // The least size each is made with; the file is sparse.
        ["ext4"] = ("e2fsprogs", 64),
        ["xfs"] = ("xfsprogs", 320),
        ["btrfs"] = ("btrfs-progs", 128),
    };

    private readonly TemporaryDirectory _directory = new();

    /// <summary>Makes and mounts it, which needs root, as the engine does.</summary>
    /// <param name="kind">ext4, xfs or btrfs.</param>
    /// <param name="room">Megabytes; null for the least that there is.</param>
    /// <param name="on">A directory to keep the file in; null for one among temporary files.</param>
    public LoopDisk(string kind, int? room = null, string? on = null)
    {
        var (package, least) = Kinds[kind];
        var megabytes = room ?? least;
        if (!Shell.Has($"mkfs.{kind}"))
        {
            throw new InvalidOperationException(
                $"This test makes a file system and there is no mkfs.{kind}. Install it: "
                + $"apt-get install -y --no-install-recommends {package} (or: make setup-test)");
        }

        var image = System.IO.Path.Combine(on ?? _directory.Path, "image");
        using (var file = File.Create(image))
        {
            file.SetLength((long)megabytes << 20);
        }

        Shell.Run($"mkfs.{kind}", "-q", image);
        Directory.CreateDirectory(Path);
        Shell.Run("mount", "-o", "loop", image, Path);
        if (new DriveInfo(Path).DriveFormat != kind)
        {
            _directory.Dispose();
            throw new InvalidOperationException($"cannot mount a file as {kind}: it takes root and a loop device");
        }
    }

    /// <summary>Where it is.</summary>
    public string Path => _directory.File("mounted");

    /// <inheritdoc/>
    public void Dispose()
    {
        Shell.Run("umount", Path);
        _directory.Dispose();
    }
}
