using System.CommandLine;
using Drover.Core.Events;
using Drover.Terminal;
using Drover.Wire.Client;
using Drover.Wire.People;

namespace Drover.Commands;

/// <summary><c>drover gateway events</c>: what happened to agents, and on request what happens next.</summary>
internal static class GatewayEventsCommand
{
    private const int MostKept = 1000;

    public static Command Create(VerbContext verbs)
    {
        var follow = new Option<bool>("--follow", "-f") { Description = "Stay and print what happens next" };
        var type = new Option<string[]>("--type")
        {
            Description = "Only events of this type or family (agent.ready, agent.*); may be given several times",
            HelpName = "TYPE",
        };
        type.CompletionSources.Add(
            _ => EventTypes.All.Select(one => new System.CommandLine.Completions.CompletionItem(one.Name)));
        var agent = GatewayAgentArgument.Option(verbs, "Only this agent's");
        var count = SharedOptions.Count("Newest events to begin with", 50, MostKept, least: 0);
        var output = SharedOptions.Output("json for programs, with --follow one object a line (NDJSON)");
        var command = new Command(
            "events",
            "Show what happened to agents since the gateway started, as far as it is kept: wakes, sleeps, failures.")
        {
            follow, type, agent, count, output,
        };
        GatewayLink.Run(verbs, command, async (parsed, client, cancellationToken) =>
        {
            var json = parsed.GetValue(output) == SharedOptions.Json;
            var query = new GatewayEventQuery(
                parsed.GetValue(type), parsed.GetValue(agent), Limit: parsed.GetValue(count));
            var page = query.Limit == 0
                ? new Page<EventDto>([], null)
                : await client.ListEventsAsync(query, cancellationToken).ConfigureAwait(false);
            if (!parsed.GetValue(follow))
            {
                EventsCommand.Show(verbs.Screen, page.Items, json);
                return ExitCode.Ok;
            }

            foreach (var one in page.Items)
            {
                EventsCommand.ShowOne(verbs.Screen, one, json);
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
        Screen screen, GatewayClient client, GatewayEventQuery query, bool json, CancellationToken cancellationToken)
    {
        void Say(string text)
        {
            screen.Error.WriteLine(screen.ErrorPaint.Apply(Tone.Dim, $"[{text}]"));
            screen.Error.Flush();
        }

        void OnConnection(string? broken)
        {
            if (broken is not null)
            {
                Say($"connection lost: {broken}; going on after the last event");
            }
        }

        var events = client.FollowEventsAsync(
            query, () => Say("some events between are not kept any more"), OnConnection, cancellationToken);
        await foreach (var one in events.ConfigureAwait(false))
        {
            EventsCommand.ShowOne(screen, one, json);
            screen.Out.Flush();
        }
    }
}
