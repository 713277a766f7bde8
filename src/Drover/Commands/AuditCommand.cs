using System.CommandLine;
using System.Globalization;
using Drover.Core.Audit;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover audit</c>: who did what, and whether the record of it is whole.</summary>
internal static class AuditCommand
{
    private static readonly TimeSpan LongestAgo = TimeSpan.FromDays(36500);

    public static Command Create(VerbContext verbs) =>
        new("audit", "Show who did what, and check that nobody changed the record of it.")
        {
            List(verbs), AuditVerify.Create(verbs),
        };

    private static Command List(VerbContext verbs)
    {
        var actor = new Option<string?>("--actor")
        {
            Description = "Only by this user, token or host (its name)",
            HelpName = "NAME",
        };
        var action = new Option<string[]>("--action")
        {
            Description = "Only this action or family (host.remove, token.*); may be given several times",
            HelpName = "ACTION",
        };
        action.CompletionSources.Add(_ =>
            AuditActions.All.Select(one => new System.CommandLine.Completions.CompletionItem(one.Name)));
        var since = SharedOptions.Duration("--since", "Only what is not older than this", TimeSpan.Zero, LongestAgo);
        var count = SharedOptions.Count("How many of the newest", 50, 1000);
        var output = SharedOptions.Output();
        var command = new Command("list", "Show entries, oldest first; needs the role admin.")
        {
            actor, action, since, count, output,
        };
        verbs.RunWithServer(command, async (parsed, client, cancellationToken) =>
        {
            var from = parsed.GetValue(since) is { } ago ? verbs.Now - ago : (DateTimeOffset?)null;
            var query = new AuditQuery(
                parsed.GetValue(actor), parsed.GetValue(action), from, Limit: parsed.GetValue(count));
            var page = await client.ListAuditAsync(query, cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteList(verbs.Screen, page.Items, WireJson.Default.AuditEntryDto);
            }
            else
            {
                Build(page.Items).Write(verbs.Screen);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static Table Build(IReadOnlyList<AuditEntryDto> entries)
    {
        var table = new Table(
            new("ENTRY", RightAligned: true),
            "TIME",
            "KIND",
            "ACTOR",
            "ACTION",
            "TARGET",
            "OUTCOME",
            new("DETAIL", Shrinks: true));
        foreach (var entry in entries)
        {
            table.Add(
                entry.Ordinal.ToString(CultureInfo.InvariantCulture),
                TimeText.Clock(entry.Time, TimeZoneInfo.Local),
                entry.ActorKind,
                entry.Actor,
                entry.Action,
                OrDash(entry.Target),
                new Cell(entry.Outcome, ToneOf(entry.Outcome)),
                OrDash(entry.Detail));
        }

        return table;
    }

    private static string OrDash(string text) => text.Length > 0 ? text : "-";

    private static Tone ToneOf(string outcome) => outcome switch
    {
        AuditOutcomes.Denied => Tone.Warning,
        AuditOutcomes.Failed => Tone.Bad,
        _ => Tone.Plain,
    };
}
