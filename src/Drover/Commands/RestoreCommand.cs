using System.CommandLine;
using System.Globalization;
using Drover.Server.Features.Backup;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary><c>drover restore</c>: a backup becomes this machine's server again.</summary>
internal static class RestoreCommand
{
    public static Command Create(VerbContext verbs)
    {
        var file = new Argument<string>("FILE") { Description = "An archive that `drover backup` wrote" };
        var force = new Option<bool>("--force")
        {
            Description = "Put the server's data that is there aside, into a folder of the data directory",
        };
        var check = new Option<bool>("--check") { Description = "Only read the archive and check every file of it" };
        var output = SharedOptions.Output();
        var command = new Command(
            "restore",
            "Put a backup back into this machine's data directory, while no server runs there. Hosts need not enroll "
                + "again; what happened after the backup is lost.")
        {
            file, force, check, output,
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            BackupCommand.RefuseRemote(verbs, "restore");
            var archive = Path.GetFullPath(parsed.GetValue(file)!);
            var json = parsed.GetValue(output) == SharedOptions.Json;
            if (parsed.GetValue(check))
            {
                Show(verbs, BackupCommand.Guard(() => ServerRestore.Check(archive, cancellationToken)), archive, json);
                return ExitCode.Ok;
            }

            var data = verbs.Settings(parsed).DataDirectory;
            try
            {
                var restored = await new ServerRestore(data, verbs.Time)
                    .RunAsync(archive, parsed.GetValue(force), Environment.UserName, cancellationToken)
                    .ConfigureAwait(false);
                Show(verbs, restored, data, json);
            }
            catch (Exception error) when (BackupCommand.Explain(error) is not null)
            {
                throw BackupCommand.Explain(error)!;
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(VerbContext verbs, BackupManifest manifest, string archive, bool asJson)
    {
        if (asJson)
        {
            JsonText.WriteObject(verbs.Screen, json => BackupText.WriteManifest(json, manifest));
            return;
        }

        verbs.Screen.Out.WriteLine(Paint.OneLine(
            $"{archive} is whole: taken {Clock(manifest)} on {manifest.Machine} by drover {manifest.Version}"));
    }

    private static void Show(VerbContext verbs, Restored restored, string data, bool asJson)
    {
        var (manifest, state, aside) = restored;
        if (asJson)
        {
            JsonText.WriteObject(verbs.Screen, json =>
            {
                json.WriteString("data_directory", data);
                json.WriteNumber("hosts", state.Hosts);
                json.WriteNumber("commands_left", state.CommandsLeft);
                json.WriteNumber("commands_ended", state.CommandsEnded);
                json.WriteNumber("enrollment_tokens_ended", state.TokensEnded);
                json.WriteString("put_aside", aside);
                BackupText.WriteManifest(json, manifest);
            });
            return;
        }

        var screen = verbs.Screen;
        screen.Out.WriteLine(Paint.OneLine(string.Create(
            CultureInfo.InvariantCulture,
            $"restored {data} to {Clock(manifest)} ({state.Hosts} {(state.Hosts == 1 ? "host" : "hosts")})")));
        screen.Out.Flush();
        Say(state.CommandsLeft, "had not ended; each host is asked again and answers from its journal");
        Say(state.CommandsEnded, "ended as expired: too old for the host to know whether it executed it");
        if (aside is not null)
        {
            screen.Error.WriteLine(
                Paint.OneLine($"What was there before is in {aside}; delete it when it is not needed."));
        }

        screen.Error.WriteLine(
            "Tokens revoked and hosts removed after the backup are valid again, and hosts that joined after it are not "
                + "known: look at `drover token list` and `drover hosts` once the server runs.");

        void Say(int count, string what)
        {
            if (count > 0)
            {
                screen.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "command" : "commands")} {what}."));
            }
        }
    }

    private static string Clock(BackupManifest manifest) => TimeText.Clock(manifest.TakenAt, TimeZoneInfo.Local);
}
