using Drover.Testing.Server;

namespace Drover.Server.Tests.Storage;

/// <summary>The bytes of a server's database between two commits, and what had been acknowledged by then.</summary>
/// <param name="Data">The file.</param>
/// <param name="Log">Its write-ahead log.</param>
/// <param name="Known">What must be found in both together, whatever is cut from then on.</param>
internal sealed record StorageSnapshot(byte[] Data, byte[] Log, Acknowledged Known)
{
    private const int PageBytes = 4096;

    /// <summary>Taken by the writer itself, so that no commit is under way.</summary>
    public static Task<StorageSnapshot> TakeAsync(ServerFixture server, Acknowledged known) =>
        server.Role.Database.WriteAsync(
            _ => new StorageSnapshot(Read(server, "server.db"), Read(server, "server.db-wal"), known),
            TestContext.Current.CancellationToken);

    /// <summary>
    /// The machine stopped while the log grew, or began anew over its old frames: the new bytes up to a place and the
    /// old ones behind it.
    /// </summary>
    public StorageSnapshot CutLog(StorageSnapshot next, Random random)
    {
        var first = Log.AsSpan().CommonPrefixLength(next.Log);
        var place = random.Next(first, next.Log.Length + 1);
        byte[] log = [.. next.Log.AsSpan(0, place), .. place < Log.Length ? Log.AsSpan(place) : []];
        return this with { Log = log };
    }

    /// <summary>
    /// The machine stopped while the log was copied into the file: any of its pages are new, some only a part of one.
    /// </summary>
    public StorageSnapshot CutCheckpoint(StorageSnapshot next, Random random)
    {
        var data = new byte[Math.Max(Data.Length, next.Data.Length)];
        Data.CopyTo(data, 0);
        for (var page = 0; page < next.Data.Length; page += PageBytes)
        {
            var written = random.Next(4) switch { 0 => PageBytes, 1 => random.Next(PageBytes), _ => 0 };
            next.Data.AsSpan(page, Math.Min(written, next.Data.Length - page)).CopyTo(data.AsSpan(page));
        }

        return next with { Data = data };
    }

    private static byte[] Read(ServerFixture server, string name)
    {
        var path = Path.Combine(server.DataDirectory, name);
        return File.Exists(path) ? File.ReadAllBytes(path) : [];
    }
}

/// <summary>What a server has answered for.</summary>
/// <param name="Orders">Ids of accepted commands.</param>
/// <param name="Outcomes">Ids of those whose report was accepted.</param>
/// <param name="Events">How many of the host's own events were accepted.</param>
internal sealed record Acknowledged(IReadOnlyList<string> Orders, IReadOnlyList<string> Outcomes, long Events);
