using System.CommandLine;
using Drover.Supervision;
using Drover.Supervisor.Documents;
using Drover.Supervisor.Logs;

namespace Drover.Commands;

/// <summary>
/// <c>drover supervisor logs</c>: what components wrote, of one or merged by time. Reads the files themselves, so that
/// it works whether or not a supervisor runs.
/// </summary>
internal static class SupervisorLogsCommand
{
    private const int DefaultLines = 50;
    private const int MostLines = 1_000_000;

    public static Command Create(VerbContext verbs)
    {
        var component = ComponentArgument.Create(verbs, "Which component; else all");
        var all = new Option<bool>("--all")
        {
            Description = "Every component, merged by time; the same as naming "
            + "none"
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay and print what is written next" };
        var lines = new Option<int?>("--tail", "-n")
        {
            Description = "Newest lines of each component to show (default 50, with --since all)",
            HelpName = "N",
            CustomParser = result => SharedOptions.Whole(result, 0, MostLines),
        };
        var since = LogsCommand.SinceOption(verbs);
        var timestamps = new Option<bool>("--timestamps", "-t") { Description = "Print each line's time" };
        var output = SharedOptions.Output("json for programs: one object a line (NDJSON)");
        var command = new Command(
            "logs",
            "Show what components wrote: of one, or of all in the order of time with a column of names. Follows "
                + "restarts, rotations and new containers.")
        {
            component, all, follow, lines, since, timestamps, output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && result.GetValue(component) is { } name)
            {
                result.AddError($"--all shows every component, so \"{name}\" cannot be named beside it");
            }
        });
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var settings = SupervisorLink.SettingsToLook(verbs, parsed);
            var name = parsed.GetValue(component);
            var chosen = ComponentArgument.Chosen(settings.Supervisor(), name);
            RefuseNoLog(chosen, name);
            var from = LogsCommand.ParseSince(parsed.GetValue(since), verbs.Now);
            using var sources = new LogSources(settings, chosen, verbs.Time);
            var writer = new LogLineWriter(
                verbs.Screen,
                name is null ? chosen.Select(one => one.Name) : [],
                parsed.GetValue(timestamps),
                parsed.GetValue(output) == SharedOptions.Json,
                verbs.Time.LocalTimeZone);
            var selection = new LogSelection
            {
                Tail = parsed.GetValue(lines) ?? (from is null ? DefaultLines : null),
                Since = from,
                Follow = parsed.GetValue(follow),
            };
            var isEmpty = true;
            var merged = new LogMerge(verbs.Time).ReadAsync(sources.All, selection, cancellationToken);
            await foreach (var line in merged.ConfigureAwait(false))
            {
                isEmpty = false;
                writer.Write(line);
                if (selection.Follow)
                {
                    verbs.Screen.Out.Flush();
                }
            }

            if (isEmpty && selection.Tail is not 0)
            {
                verbs.Screen.Error.WriteLine(
                    $"{name ?? "No component"} has written {(name is null ? "anything" : "nothing")} "
                        + $"{(from is null ? "yet" : "since then")}.");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void RefuseNoLog(IReadOnlyList<ComponentDocument> chosen, string? name)
    {
        if (name is not null && chosen is [{ Launch: ExternalAddress external }])
        {
            throw new CliException(
                ExitCode.NotFound,
                $"cannot show the log of \"{name}\": {external.Address} is only watched, and keeps its log itself",
                "`drover supervisor status --verbose` shows what its probe found");
        }
    }
}
