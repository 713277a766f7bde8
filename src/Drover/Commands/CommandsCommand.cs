using System.CommandLine;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Commands;

namespace Drover.Commands;

/// <summary><c>drover commands</c>: queue and history, newest first: who, when, how long, outcome.</summary>
internal static class CommandsCommand
{
    private const int PageSize = 200;
    private const int MostPages = 10;
    private static readonly string[] States =
    [
        CommandStates.Queued,
        CommandStates.Leased,
        CommandStates.Executing,
        CommandStates.Completed,
        CommandStates.Failed,
        CommandStates.Cancelled,
        CommandStates.Expired,
    ];

    public static Command Create(VerbContext verbs)
    {
        var state = new Option<string?>("--state") { Description = "Only those in this state", HelpName = "STATE" };
        SharedOptions.Only(state, States);
        var host = AppArgument.HostOption(verbs, "Only this host's (name or id)");
        var count = SharedOptions.Count("How many, newest first", 20, 500);
        var all = new Option<bool>("--all", "-a") { Description = "Show reads too: logs, health and list" };
        var output = SharedOptions.Output();
        var command = new Command("commands", "Show what was ordered: who, when, how long it took, how it ended.")
        {
            state, host, all, count, output, Cancel(verbs),
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var query = new CommandQuery(parsed.GetValue(state), parsed.GetValue(host));
            var (items, leftOut) = await NewestAsync(
                client, query, parsed.GetValue(count), parsed.GetValue(all), cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteList(verbs.Screen, items, WireJson.Default.CommandDto);
            }
            else
            {
                Build(items, verbs.Now).Write(verbs.Screen);
            }

            if (leftOut > 0)
            {
                verbs.Screen.Out.Flush();
                verbs.Screen.Error.WriteLine(
                    verbs.Screen.ErrorPaint.Apply(
                        Tone.Dim,
                        $"{leftOut} {(leftOut == 1 ? "read" : "reads")} (logs, health, list) left out; --all shows "
                            + "them"));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The newest of those that change something, or of all; and how many reads lay between them.</summary>
    private static async Task<(List<CommandDto> Items, int LeftOut)> NewestAsync(
        DroverClient client, CommandQuery query, int count, bool all, CancellationToken cancellationToken)
    {
        var items = new List<CommandDto>();
        var leftOut = 0;
        for (var pages = 0; pages < MostPages && items.Count < count; pages++)
        {
            var page = await client.ListCommandsAsync(
                query with { Limit = all ? count : PageSize }, cancellationToken).ConfigureAwait(false);
            foreach (var one in page.Items.TakeWhile(_ => items.Count < count))
            {
                if (all || CommandTypes.ChangesHost(one.Type))
                {
                    items.Add(one);
                }
                else
                {
                    leftOut++;
                }
            }

            if (page.Next is null)
            {
                break;
            }

            query = query with { After = page.Next };
        }

        return (items, leftOut);
    }

    private static Command Cancel(VerbContext verbs)
    {
        var id = new Argument<string>("COMMAND") { Description = "Its id, as `drover commands` shows it" };
        id.CompletionSources.Add(_ => AppArgument.Names(
            verbs,
            async (client, token) =>
                (await client.ListCommandsAsync(new CommandQuery(CommandStates.Queued, Limit: PageSize), token)
                    .ConfigureAwait(false)).Items.Select(one => one.CommandId)));
        var output = SharedOptions.Output();
        var command = new Command("cancel", "Take back a command that no host has begun.") { id, output };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var cancelled =
                await client.CancelCommandAsync(parsed.GetValue(id)!, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteOne(verbs.Screen, cancelled, WireJson.Default.CommandDto);
                return ExitCode.Ok;
            }

            verbs.Screen.Out.WriteLine(
                $"cancelled {cancelled.CommandId} ({cancelled.Type} {cancelled.AppCode} on {cancelled.HostName})");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Table Build(IReadOnlyList<CommandDto> commands, DateTimeOffset now)
    {
        var table = new Table(
            "AGE",
            "COMMAND",
            "TYPE",
            "APP",
            "HOST",
            "BY",
            "STATE",
            new("TOOK", RightAligned: true),
            new("OUTCOME", Shrinks: true));
        foreach (var one in commands)
        {
            table.Add(
                TimeText.Age(one.CreatedAt, now),
                one.CommandId,
                one.Type,
                one.AppCode ?? "-",
                one.HostName ?? "-",
                one.CreatedBy,
                new Cell(one.Status, StateTone(one.Status)),
                Took(one, now),
                Outcome(one));
        }

        return table;
    }

    /// <summary>From the host's first word to its last; for one under way, so far.</summary>
    private static string Took(CommandDto command, DateTimeOffset now) => command switch
    {
        { StartedAt: { } start, CompletedAt: { } end } => TimeText.Took(end - start),
        { StartedAt: { } start } when !CommandStates.IsFinal(command.Status) => TimeText.Took(now - start),
        _ => "-",
    };

    private static string Outcome(CommandDto command)
    {
        var outcome = command.Errors is { Count: > 0 } errors ? errors[0].Message : command.Error ?? "";
        var reason = command.Metadata?.GetValueOrDefault("reason") is { Length: > 0 } why ? $"[{why}]" : "";
        var text = $"{outcome} {reason}".Trim();
        return text.Length > 0 ? text : command.Status == CommandStates.Completed ? "ok" : "-";
    }

    private static Tone StateTone(string state) => state switch
    {
        CommandStates.Completed => Tone.Good,
        CommandStates.Failed or CommandStates.Expired => Tone.Bad,
        CommandStates.Cancelled => Tone.Dim,
        _ => Tone.Warning,
    };
}
