using System.CommandLine;
using System.Globalization;
using Drover.Runtime.Configuration;
using Drover.Runtime.Files;
using Drover.Server.Features.Backup;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary><c>drover backup</c>: this machine's server in one file, taken while it works.</summary>
internal static class BackupCommand
{
    public static Command Create(VerbContext verbs)
    {
        var target = new Argument<string>("FILE|DIR")
        {
            Description = "The archive to write, or a directory that gets one named after machine and time",
            HelpName = "FILE|DIR",
        };
        var output = SharedOptions.Output();
        var command = new Command(
            "backup",
            "Write this machine's server into one archive (mode 0600), while it runs or not: database, key file, "
                + "certificate. It holds the keys of all hosts and is not encrypted: keep it like a password.")
        {
            target, output,
        };
        VerbContext.Run(command, (parsed, cancellationToken) =>
        {
            RefuseRemote(verbs, "back up");
            var data = verbs.Settings(parsed).DataDirectory;
            var file = FileOf(parsed.GetValue(target)!, verbs.Now);
            var manifest = Guard(() => ServerBackup.Write(data, file, verbs.Time, cancellationToken));
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteObject(verbs.Screen, json =>
                {
                    json.WriteString("file", file);
                    json.WriteNumber("bytes", new FileInfo(file).Length);
                    BackupText.WriteManifest(json, manifest);
                });
            }
            else
            {
                verbs.Screen.Out.WriteLine(Paint.OneLine(
                    $"backup of {data} written to {file} ({BackupText.Size(new FileInfo(file).Length)}, mode 0600)"));
                verbs.Screen.Out.Flush();
                verbs.Screen.Error.WriteLine(
                    "It holds the keys of all hosts and is not encrypted: keep it like a password.");
            }

            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>A backup is a matter of the server's own machine: no API gives every host's key away.</summary>
    internal static void RefuseRemote(VerbContext verbs, string verb)
    {
        if (verbs.Environment[EnvironmentVariables.Server] is { } server)
        {
            throw new CliException(
                ExitCode.Usage,
                $"cannot {verb} the server at \"{server}\": that is done on its own machine, on its data directory",
                $"run it there, without {EnvironmentVariables.Server}");
        }
    }

    /// <summary>Runs it; what can be expected to go wrong ends in a sentence and its exit code.</summary>
    internal static T Guard<T>(Func<T> run)
    {
        try
        {
            return run();
        }
        catch (Exception error) when (Explain(error) is not null)
        {
            throw Explain(error)!;
        }
    }

    internal static CliException? Explain(Exception error) => error switch
    {
        BackupException { IsMissing: true } => new CliException(
            ExitCode.NotFound,
            error.Message,
            $"{EnvironmentVariables.DataDirectory} or data_dir in drover.yaml say where a server's data is",
            error),
        BackupException { InnerException: FileLockedException } => new CliException(
            ExitCode.Busy, error.Message, "`systemctl stop drover@up`, or Ctrl-C where it runs", error),
        BackupException => new CliException(ExitCode.Failed, error.Message, null, error),
        DirectoryUnusableException => new CliException(
            ExitCode.ConfigInvalid,
            error.Message,
            "run it as the user who runs drover, such as `sudo -u drover env ... drover restore FILE`",
            error),
        _ => null,
    };

    private static string FileOf(string target, DateTimeOffset now)
    {
        var file = Path.GetFullPath(
            Directory.Exists(target)
                ? Path.Combine(target, ServerBackup.NameOf(Environment.MachineName, now))
                : target);
        if (!Directory.Exists(Path.GetDirectoryName(file)))
        {
            throw new CliException(
                ExitCode.NotFound,
                $"cannot write the backup \"{file}\": there is no directory \"{Path.GetDirectoryName(file)}\"",
                "make it first");
        }

        return File.Exists(file)
            ? throw new CliException(
                ExitCode.Failed,
                $"cannot write the backup \"{file}\": there is such a file already",
                "name a directory and it gets a name of its own")
            : file;
    }
}

/// <summary>Backups in words and in JSON.</summary>
internal static class BackupText
{
    public static string Size(long bytes) => bytes < 1_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{(bytes + 999) / 1000} kB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    public static void WriteManifest(System.Text.Json.Utf8JsonWriter json, BackupManifest manifest)
    {
        json.WriteString("taken_at", manifest.TakenAt.UtcDateTime);
        json.WriteString("version", manifest.Version);
        json.WriteNumber("schema", manifest.Schema);
        json.WriteString("machine", manifest.Machine);
        json.WriteStartArray("members");
        foreach (var member in manifest.Members)
        {
            json.WriteStartObject();
            json.WriteString("name", member.Name);
            json.WriteNumber("bytes", member.Bytes);
            json.WriteString("sha256", member.Sha256);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
