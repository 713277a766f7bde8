using Drover.Runtime.Files;

namespace Drover.Supervisor.Logs;

/// <summary>How the front of a live file is given back on the file system of the logs.</summary>
/// <param name="Kind">The way.</param>
/// <param name="Alignment">What is given back is a multiple of this.</param>
internal sealed record FrontRemoval(RemovalKind Kind, int Alignment)
{
    /// <summary>Archives are cut by this also where the file system would not mind: a hole then has no ragged
    /// edge.</summary>
    public const int SmallestAlignment = 4096;

    // Blocks of 4 KiB, pages of 64 KiB (arm64), and the clusters of ext4's bigalloc.
    private static readonly int[] Alignments = [SmallestAlignment, 64 << 10, 1 << 20];

    /// <summary>Tries it on a file of its own: what a file system is called says nothing of what it can do.</summary>
    /// <exception cref="IOException">There is no room even for that.</exception>
    public static FrontRemoval Find(LogDirectory directory)
    {
        var path = Path.Combine(directory.Notes, ".probe");
        try
        {
            using var file = GrowingFile.OpenOrCreate(path, LogDirectory.FileMode);
            RandomAccess.SetLength(file, 4L << 20);
            foreach (var alignment in Alignments)
            {
                switch (GrowingFile.Collapse(file, alignment))
                {
                    case SpaceOutcome.Done:
                        return new(RemovalKind.Collapse, alignment);
                    case SpaceOutcome.Unsupported:
                        return Find(GrowingFile.Punch(file, SmallestAlignment));
                }
            }

            return Find(GrowingFile.Punch(file, SmallestAlignment));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static FrontRemoval Find(SpaceOutcome punched) =>
        new(punched is SpaceOutcome.Done ? RemovalKind.Punch : RemovalKind.None, SmallestAlignment);
}

/// <summary>The ways to give the front of a file back.</summary>
internal enum RemovalKind
{
    /// <summary>Taken out: the file becomes shorter.</summary>
    Collapse,

    /// <summary>A hole: the file takes less room and its length goes on growing.</summary>
    Punch,

    /// <summary>Not at all.</summary>
    None,
}
