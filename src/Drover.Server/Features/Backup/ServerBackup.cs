using System.Security.Cryptography;
using System.Text.Json;
using Drover.Runtime.Files;
using Drover.Runtime.Storage;
using Drover.Server.Features.Hosts;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.Server.Features.Backup;

/// <summary>
/// Takes a backup of a server's data from its data directory, whether the server runs or not, and without a word to it:
/// who may read the directory may copy it. The archive holds every host's key and is written for its owner alone.
/// </summary>
public static class ServerBackup
{
    private const int LargestSmallFile = 1024 * 1024;

    /// <summary>The name of a backup that was given a directory to go into.</summary>
    public static string NameOf(string machine, DateTimeOffset at) =>
        $"drover-backup-{machine}-{at.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}.tar.gz";

    /// <summary>Writes the archive (mode 0600): whole, or not at all.</summary>
    /// <exception cref="BackupException">It cannot be taken.</exception>
    public static BackupManifest Write(
        string dataDirectory, string file, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        var database = Path.Combine(dataDirectory, BackupFiles.Database);
        if (!File.Exists(database))
        {
            throw new BackupException($"cannot take a backup: there is no server's database in \"{dataDirectory}\"")
            {
                IsMissing = true,
            };
        }

        var copy = Path.Combine(
            Path.GetDirectoryName(Path.GetFullPath(file))!, $".{Path.GetFileName(file)}.{Guid.NewGuid():N}.db");
        try
        {
            var takenAt = time.GetUtcNow();
            DatabaseFile.Copy(database, copy);
            if (DatabaseFile.Examine(copy) is { } wrong)
            {
                throw new BackupException(
                    $"cannot take a backup: the database \"{database}\" is damaged ({wrong}); restore an older backup");
            }

            cancellationToken.ThrowIfCancellationRequested();
            var small = SmallFiles(dataDirectory, copy);
            var manifest = new BackupManifest(
                BackupManifest.NewestFormat,
                ServerVersion.Text,
                SchemaOf(copy),
                takenAt,
                Environment.MachineName,
                [Describe(copy), .. small.Select(one => Describe(one.Key, one.Value))]);
            AtomicFile.Write(
                file,
                stream => BackupArchive.Write(
                    stream,
                    manifest,
                    member => small.TryGetValue(member.Name, out var content)
                        ? new MemoryStream(content)
                        : File.OpenRead(copy),
                    cancellationToken));
            return manifest;
        }
        catch (StorageException exception)
        {
            throw new BackupException($"cannot take a backup: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"cannot write the backup \"{file}\": {exception.Message}", exception);
        }
        finally
        {
            File.Delete(copy);
        }
    }

    /// <summary>What lies beside the database; read after it, so that every key in it can be opened.</summary>
    private static SortedDictionary<string, byte[]> SmallFiles(string dataDirectory, string copy)
    {
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var name in BackupFiles.Members.Where(name => name != BackupFiles.Database))
        {
            var path = Path.Combine(dataDirectory, name);
            if (!File.Exists(path))
            {
                continue;
            }

            if (new FileInfo(path).Length > LargestSmallFile)
            {
                throw new BackupException($"cannot take a backup: \"{path}\" is far larger than such a file can be");
            }

            var content = File.ReadAllBytes(path);
            if (name != BackupFiles.AgentCredentials || IsHostOf(copy, content))
            {
                files.Add(name, content);
            }
        }

        return files;
    }

    private static bool IsHostOf(string database, byte[] credentials) =>
        AgentFile.HostIdOf(credentials) is { } host
        && DatabaseFile.Read(database, session => HostStore.FindIdentity(session, host)) is not null;

    private static long SchemaOf(string database) =>
        DatabaseFile.Read(database, session => session.Number("SELECT COALESCE(MAX(number), 0) FROM schema_version"));

    private static BackupMember Describe(string copy)
    {
        using var file = File.OpenRead(copy);
        return new BackupMember(
            BackupFiles.Database, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
    }

    private static BackupMember Describe(string name, byte[] content) =>
        new(name, content.Length, Convert.ToHexStringLower(SHA256.HashData(content)));
}

/// <summary>The credentials file of a host agent that shares the server's data directory.</summary>
internal static class AgentFile
{
    /// <summary>The host it makes of the machine; null where it is not enrolled or not readable.</summary>
    public static string? HostIdOf(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize(content, WireJson.Default.AgentCredentials)
                is { State: AgentCredentials.Enrolled, HostId: { } host }
                ? host
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
