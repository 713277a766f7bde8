using System.CommandLine;
using Drover.Core.Events;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover events</c>: what happened, oldest first, and on request what happens next.</summary>
internal static class EventsCommand
{
    public static Command Create(VerbContext verbs)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay and print what happens next" };
        var type = new Option<string[]>("--type")
        {
            Description = "Only events of this type or family (container.died, host.*); may be given several times",
            HelpName = "TYPE",
        };
        type.CompletionSources.Add(
            _ => EventTypes.All.Select(one => new System.CommandLine.Completions.CompletionItem(one.Name)));
        var host = AppArgument.HostOption(verbs, "Only this host's (name or id)");
        var count = SharedOptions.Count("Newest events to begin with", 50, 1000, least: 0);
        var output = SharedOptions.Output("json for programs, with --follow one object a line (NDJSON)");
        var command = new Command("events", "Show what happened to hosts, containers, commands and access.")
        {
            follow,
            type,
            host,
            count,
            output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var json = parsed.GetValue(output) == SharedOptions.Json;
            var query = new EventQuery(parsed.GetValue(type), parsed.GetValue(host), Limit: parsed.GetValue(count));
            var page = query.Limit == 0
                ? new Page<EventDto>([], null)
                : await client.ListEventsAsync(query, cancellationToken).ConfigureAwait(false);
            if (!parsed.GetValue(follow))
            {
                Show(verbs.Screen, page.Items, json);
                return ExitCode.Ok;
            }

            foreach (var one in page.Items)
            {
                ShowOne(verbs.Screen, one, json);
            }

            verbs.Screen.Out.Flush();
            await FollowAsync(
                verbs.Screen,
                client,
                query with { After = page.Items.Count > 0 ? page.Items[^1].Id : null },
                json,
                cancellationToken)
                .ConfigureAwait(false);
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task FollowAsync(
        Screen screen, DroverClient client, EventQuery query, bool json, CancellationToken cancellationToken)
    {
        void OnConnection(string? broken)
        {
            if (broken is not null)
            {
                screen.Error.WriteLine(
                    screen.ErrorPaint.Apply(Tone.Dim, $"[connection lost: {broken}; going on after the last event]"));
                screen.Error.Flush();
            }
        }

        await foreach (var one in client.FollowEventsAsync(query, OnConnection, cancellationToken)
            .ConfigureAwait(false))
        {
            ShowOne(screen, one, json);
            screen.Out.Flush();
        }
    }

    /// <summary>Events as a table, or as a list for programs.</summary>
    internal static void Show(Screen screen, IReadOnlyList<EventDto> events, bool json)
    {
        if (json)
        {
            JsonText.WriteList(screen, events, WireJson.Default.EventDto);
            return;
        }

        var table = new Table(
            "TIME",
            "TYPE",
            new("SOURCE", Shrinks: true),
            new("SUBJECT", Shrinks: true),
            new("DETAILS", Shrinks: true));
        foreach (var one in events)
        {
            table.Add(
                TimeText.Clock(one.Time, TimeZoneInfo.Local),
                new Cell(one.Type, Severity(one)),
                one.Source,
                one.Subject ?? "-",
                EventText.Details(one));
        }

        table.Write(screen);
    }

    /// <summary>
    /// One line of a stream: columns of a width that fits nearly all, since the rest is not known yet.
    /// </summary>
    internal static void ShowOne(Screen screen, EventDto one, bool json)
    {
        if (json)
        {
            JsonText.WriteLine(screen, one, WireJson.Default.EventDto);
            return;
        }

        var time = TimeText.Clock(one.Time, TimeZoneInfo.Local);
        var type = one.Type.PadRight(22);
        var rest = Paint.OneLine($"{one.Source,-20}  {one.Subject ?? "-",-20}  {EventText.Details(one)}").TrimEnd();
        if (screen.OutIsTerminal)
        {
            rest = Table.Cut(rest, Math.Max(0, screen.Width - time.Length - type.Length - 4));
        }

        screen.Out.WriteLine($"{time}  {screen.OutPaint.Apply(Severity(one), type)}  {rest}".TrimEnd());
    }

    private static Tone Severity(EventDto one) => one.Severity switch
    {
        "error" => Tone.Bad,
        "warning" => Tone.Warning,
        _ => Tone.Plain,
    };
}
