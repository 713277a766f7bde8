using System.CommandLine;
using System.Globalization;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary><c>drover supervisor history</c>: the ends of instances with their causes.</summary>
internal static class SupervisorHistoryCommand
{
    private const int Usual = 20;
    private const int Most = 1000;

    public static Command Create(VerbContext verbs)
    {
        var component = ComponentArgument.Create(verbs, "Which component; else all");
        var count = SharedOptions.Count("Newest ends to show", Usual, Most);
        var verbose = new Option<bool>("--verbose", "-v")
        {
            Description = "Show what the probes had said and the last lines of the log",
        };
        var output = SharedOptions.Output();
        var command = new Command(
            "history",
            "Show how instances ended and what followed, newest last, whether or not a supervisor runs. The history is "
                + "bounded: the oldest go.")
        {
            component, count, verbose, output,
        };
        SupervisorLink.Run(command, async (parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(component);
            var entries = await ReadAsync(verbs, parsed, name, parsed.GetValue(count), cancellationToken)
                .ConfigureAwait(false);
            var screen = verbs.Screen;
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteList(screen, entries, ControlJson.Default.HistoryEntry);
                return ExitCode.Ok;
            }

            if (entries.Count == 0)
            {
                screen.Error.WriteLine(
                    name is null ? "No instance has ended yet." : $"No instance of {name} has ended yet.");
                return ExitCode.Ok;
            }

            Write(screen, [.. entries.Reverse()], parsed.GetValue(verbose), verbs.Time.LocalTimeZone);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Asks the supervisor; where none runs, its file.</summary>
    private static async Task<IReadOnlyList<HistoryEntry>> ReadAsync(
        VerbContext verbs, ParseResult parsed, string? name, int count, CancellationToken cancellationToken)
    {
        try
        {
            return await SupervisorLink.Open(verbs, parsed).HistoryAsync(name, count, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (SupervisorNotRunningException unanswered)
        {
            var directory = verbs.DataDirectory(parsed);
            IReadOnlyList<HistoryEntry> entries;
            try
            {
                // Null: one that begins or ends holds the directory and does not answer.
                entries = RestingRecords.History(directory, name, count)
                    ?? throw SupervisorLink.StartsOrEnds(verbs, parsed, unanswered);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw SupervisorLink.Unreadable("the history", directory, error);
            }

            if (entries.Count == 0)
            {
                _ = ComponentArgument.Chosen(SupervisorLink.SettingsToLook(verbs, parsed).Supervisor(), name);
            }

            return entries;
        }
    }

    internal static void Write(
        Screen screen, IReadOnlyList<HistoryEntry> entries, bool verbose, TimeZoneInfo zone)
    {
        if (!verbose)
        {
            var table = Table();
            foreach (var entry in entries)
            {
                Add(table, entry, zone);
            }

            table.Write(screen);
            return;
        }

        foreach (var entry in entries)
        {
            var table = Table();
            Add(table, entry, zone);
            foreach (var line in table.Lines(screen.OutPaint, null).Skip(1).Concat(Details(entry)))
            {
                screen.Out.WriteLine(line);
            }
        }
    }

    private static Table Table() =>
        new("ENDED", "COMPONENT", "INSTANCE", new("WHY", Shrinks: true), "RAN FOR", "THEN");

    private static void Add(Table table, HistoryEntry entry, TimeZoneInfo zone) => table.Add(
        TimeText.Clock(entry.At, zone),
        entry.Component,
        $"#{entry.Instance.ToString(CultureInfo.InvariantCulture)}",
        entry.Message,
        entry.UptimeSeconds is { } uptime ? TimeText.Took(TimeSpan.FromSeconds(uptime)) : "-",
        Then(entry));

    private static Cell Then(HistoryEntry entry) => entry.Outcome switch
    {
        HistoryOutcome.Restarted => new("restarted at once"),
        HistoryOutcome.Backoff => new(
            $"restart in {TimeText.Took(TimeSpan.FromSeconds(entry.DelaySeconds.GetValueOrDefault()))}", Tone.Warning),
        HistoryOutcome.Stopped => new("stopped", Tone.Dim),
        HistoryOutcome.Failed => new("failed", Tone.Bad),
    };

    private static IEnumerable<string> Details(HistoryEntry entry)
    {
        foreach (var probe in entry.Probes)
        {
            var outcome = probe.Outcome?.ToString().ToLowerInvariant() ?? "not run";
            yield return Paint.OneLine(
                $"    {probe.Kind.ToString().ToLowerInvariant()} probe: {outcome} x {probe.InARow}: {probe.Message}");
        }

        foreach (var line in entry.Log)
        {
            yield return $"    | {Paint.LogLine(line)}";
        }
    }
}
