using System.Globalization;
using Drover.Runtime.Files;
using Drover.Runtime.Storage;
using Drover.Server.Features.Enrollment;
using Drover.Server.Features.Hosts;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Server.Features.Backup;

/// <summary>
/// Puts a backup back while no server runs. Everything is unpacked, checked and made ready in a folder of its own
/// within the data directory; only then do the old files give way, so that a bad archive changes nothing. Holds the
/// locks of server and host agent meanwhile.
/// </summary>
public sealed class ServerRestore(string dataDirectory, TimeProvider time)
{
    // The host agent's, which a role does not share code with: the name is part of the data directory's layout.
    private const string AgentLock = "agent.lock";

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Reads a backup to its end and checks every file of it; changes nothing.</summary>
    /// <exception cref="BackupException">It is missing, damaged, or of a newer version.</exception>
    public static BackupManifest Check(string file, CancellationToken cancellationToken) =>
        BackupArchive.Read(file, RefuseNewerSchema, _ => Stream.Null, cancellationToken);

    /// <summary>Restores the server of the data directory.</summary>
    /// <param name="file">The backup.</param>
    /// <param name="replace">A server's data that is there is put aside; else it is a reason to refuse.</param>
    /// <param name="person">Who does it, for the audit.</param>
    /// <param name="cancellationToken">Gives up while nothing is changed.</param>
    /// <exception cref="BackupException">It cannot be restored; what was there is still there.</exception>
    public async Task<Restored> RunAsync(
        string file, bool replace, string person, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new BackupException($"cannot read the backup \"{file}\": there is no such file")
            {
                IsMissing = true,
            };
        }

        OwnedDirectory.Ensure(dataDirectory);
        using var server = Lock("server.lock", "a server");
        using var agent = Lock(AgentLock, "a host agent");
        if (!replace && BackupFiles.OfServer.FirstOrDefault(name => File.Exists(In(name))) is { } there)
        {
            throw new BackupException(
                $"cannot restore into \"{dataDirectory}\": a server's \"{there}\" is there; with --force it is put "
                    + "aside");
        }

        var stamp = time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var staged = In($"restoring-{stamp}");
        try
        {
            Directory.CreateDirectory(staged, OwnerOnly);
            var manifest = BackupArchive.Read(
                file, RefuseNewerSchema, member => Create(Path.Combine(staged, member.Name)), cancellationToken);
            var takesCredentials = TakesCredentials(staged);
            var state = await PrepareAsync(staged, manifest, takesCredentials, person, cancellationToken);
            var aside = Exchange(staged, In($"replaced-{stamp}"), takesCredentials);
            return new Restored(manifest, state, aside);
        }
        catch (StorageException exception)
        {
            throw new BackupException($"cannot restore \"{file}\": {exception.Message}", exception);
        }
        catch (ServerStartException exception)
        {
            throw new BackupException($"cannot restore \"{file}\": {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BackupException($"cannot restore into \"{dataDirectory}\": {exception.Message}", exception);
        }
        finally
        {
            if (Directory.Exists(staged))
            {
                Directory.Delete(staged, recursive: true);
            }
        }
    }

    private static IReadOnlyList<Migration> Migrations => Migration.EmbeddedIn(typeof(ServerRole).Assembly);

    private static void RefuseNewerSchema(BackupManifest manifest)
    {
        if (manifest.Schema > Migrations.Count)
        {
            throw new BackupException(string.Create(
                CultureInfo.InvariantCulture,
                $"cannot restore the backup: Drover {manifest.Version} took it, whose database (schema "
                    + $"{manifest.Schema}) is newer than this version knows (schema {Migrations.Count}); "
                    + $"install that version"));
        }
    }

    private static FileStream Create(string path) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        UnixCreateMode = AtomicFile.OwnerOnly,
    });

    /// <summary>
    /// The credentials in the backup are taken unless those that are there are of a host the restored server knows:
    /// that agent goes on, with its journal.
    /// </summary>
    private bool TakesCredentials(string staged)
    {
        if (!File.Exists(In(BackupFiles.AgentCredentials)))
        {
            return true;
        }

        var host = AgentFile.HostIdOf(File.ReadAllBytes(In(BackupFiles.AgentCredentials)));
        return host is null
            || DatabaseFile.Read(
                Path.Combine(staged, BackupFiles.Database), session => HostStore.FindIdentity(session, host)) is null;
    }

    private async Task<RestoredState> PrepareAsync(
        string staged,
        BackupManifest manifest,
        bool takesCredentials,
        string person,
        CancellationToken cancellationToken)
    {
        var path = Path.Combine(staged, BackupFiles.Database);
        if (DatabaseFile.Examine(path) is { } wrong)
        {
            throw new BackupException(
                $"cannot restore the backup: its database is damaged: {wrong}; use another backup");
        }

        var credentials = Path.Combine(staged, BackupFiles.AgentCredentials);
        var forgetful = takesCredentials && File.Exists(credentials)
            ? AgentFile.HostIdOf(await File.ReadAllBytesAsync(credentials, cancellationToken))
            : null;
        await using var database = Database.Open(path, Migrations, time, NullLogger<Database>.Instance);
        var hosts = await database.ReadAsync(HostStore.ReadAll, cancellationToken);
        using var keyring = HostKeyring.OpenOrCreate(Path.Combine(staged, BackupFiles.Key), hosts.Count == 0);
        hosts.ForEach(host => keyring.Open(host.Identity.HostId, host.SealedKey));
        return await new RestoredDatabase(database, time)
            .ContinueAsync(manifest, forgetful, person, cancellationToken);
    }

    /// <summary>Old out, new in, file by file; says where the old ones are, null when there were none.</summary>
    private string? Exchange(string staged, string aside, bool takesCredentials)
    {
        foreach (var name in BackupFiles.OfServer)
        {
            PutAside(name, aside);
            PutInPlace(staged, name);
        }

        if (takesCredentials)
        {
            PutAside(BackupFiles.AgentCredentials, aside);
            PutInPlace(staged, BackupFiles.AgentCredentials);
        }

        return Directory.Exists(aside) ? aside : null;
    }

    private void PutAside(string name, string aside)
    {
        if (File.Exists(In(name)))
        {
            Directory.CreateDirectory(aside, OwnerOnly);
            AtomicFile.Move(In(name), Path.Combine(aside, name));
        }
    }

    private void PutInPlace(string staged, string name)
    {
        var path = Path.Combine(staged, name);
        if (File.Exists(path))
        {
            using (var file = new FileStream(path, FileMode.Open, FileAccess.Write))
            {
                file.Flush(flushToDisk: true);
            }

            AtomicFile.Move(path, In(name));
        }
    }

    private FileLock Lock(string name, string holder)
    {
        try
        {
            return FileLock.Acquire(In(name));
        }
        catch (FileLockedException exception)
        {
            var process = exception.HolderPid is { } pid
                ? string.Create(CultureInfo.InvariantCulture, $"process {pid}")
                : "another process";
            throw new BackupException(
                $"cannot restore into \"{dataDirectory}\": {process} runs {holder} there; stop it first", exception);
        }
    }

    private string In(string name) => Path.Combine(dataDirectory, name);
}

/// <summary>A restored server.</summary>
/// <param name="Manifest">Of the backup.</param>
/// <param name="State">What it holds.</param>
/// <param name="KeptAside">Folder of what was there before; null when nothing was.</param>
public sealed record Restored(BackupManifest Manifest, RestoredState State, string? KeptAside);
