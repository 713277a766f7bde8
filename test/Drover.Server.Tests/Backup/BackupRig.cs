using System.IO.Compression;
using System.Text;
using Drover.Server.Features.Backup;
using Drover.Testing.Agents;
using Drover.Testing.Server;

namespace Drover.Server.Tests.Backup;

/// <summary>
/// A server whose data can be backed up, lost and put back, and archives that somebody tampered with.
/// </summary>
internal static class BackupRig
{
    public static BackupManifest BackUp(this ServerFixture server, string file) =>
        ServerBackup.Write(server.DataDirectory, file, server.Time, TestContext.Current.CancellationToken);

    public static void LoseEverything(this ServerFixture server)
    {
        foreach (var file in Directory.GetFiles(server.DataDirectory))
        {
            File.Delete(file);
        }
    }

    public static Task<Restored> RestoreAsync(
        this ServerFixture server, string file, bool replace = false) =>
        RestoreAsync(server.DataDirectory, file, server.Time, replace);

    public static Task<Restored> RestoreAsync(
        string dataDirectory, string file, TimeProvider time, bool replace = false) =>
        new ServerRestore(dataDirectory, time)
            .RunAsync(file, replace, "alice", TestContext.Current.CancellationToken);

    /// <summary>The archive with one text in its files or manifest replaced by another of the same length.</summary>
    public static string Forge(string archive, string text, string by)
    {
        Assert.Equal(text.Length, by.Length);
        var tar = Encoding.Latin1.GetString(Unzip(archive));
        Assert.Contains(text, tar, StringComparison.Ordinal);
        var forged = archive + ".forged";
        using var gzip = new GZipStream(File.Create(forged), CompressionLevel.Fastest);
        gzip.Write(Encoding.Latin1.GetBytes(tar.Replace(text, by, StringComparison.Ordinal)));
        return forged;
    }

    public static byte[] Unzip(string archive)
    {
        using var gzip = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        gzip.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>A backup of a server that had a host, with nothing running any more.</summary>
    public static async Task<string> TakeAsync(TemporaryDirectory folder)
    {
        await using var server = await ServerFixture.StartAsync();
        await server.EnrollAsync();
        var file = folder.File("backup.tar.gz");
        server.BackUp(file);
        return file;
    }
}
