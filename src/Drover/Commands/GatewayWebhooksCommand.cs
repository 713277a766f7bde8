using System.CommandLine;
using System.Globalization;
using Drover.Terminal;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Gateway;

namespace Drover.Commands;

/// <summary><c>drover gateway webhooks</c>: who is told of events, what they did not take, and sending that again.
/// </summary>
internal static class GatewayWebhooksCommand
{
    private const int Most = 1000;

    public static Command Create(VerbContext verbs)
    {
        var webhook = new Argument<string?>("webhook")
        {
            Description = "Show the events that this one did not take, oldest first",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var resend = new Option<bool>("--resend") { Description = "Send them again, under the same ids" };
        var output = SharedOptions.Output();
        var command = new Command(
            "webhooks", "Show who is told of events over HTTP: what waits for each, and what it did not take.")
        {
            webhook, resend, output,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(resend) && result.GetValue(webhook) is null)
            {
                result.AddError("--resend needs the name of a webhook");
            }
        });
        GatewayLink.Run(verbs, command, (parsed, client, cancellationToken) =>
        {
            var asJson = parsed.GetValue(output) == SharedOptions.Json;
            return parsed.GetValue(webhook) is not { } name ? ListAsync(verbs, client, asJson, cancellationToken)
                : parsed.GetValue(resend) ? ResendAsync(verbs, client, name, asJson, cancellationToken)
                : DeadLettersAsync(verbs, client, name, asJson, cancellationToken);
        });
        return command;
    }

    /// <summary>Receivers as a table.</summary>
    public static Table Build(IReadOnlyList<GatewayWebhookDto> webhooks)
    {
        var table = new Table(
            "WEBHOOK",
            new("WAITING", RightAligned: true),
            new("DELIVERED", RightAligned: true),
            new("DEAD", RightAligned: true),
            new("STATE", Shrinks: true));
        foreach (var one in webhooks)
        {
            table.Add(one.Name, Text(one.Waiting), Text(one.Delivered), Text(one.DeadLetters), one.Failure ?? "ok");
        }

        return table;
    }

    private static async Task<ExitCode> ListAsync(
        VerbContext verbs, GatewayClient client, bool asJson, CancellationToken cancellationToken)
    {
        var webhooks = await client.ListWebhooksAsync(cancellationToken).ConfigureAwait(false);
        if (asJson)
        {
            JsonText.WriteList(verbs.Screen, webhooks, WireJson.Default.GatewayWebhookDto);
        }
        else
        {
            Build(webhooks).Write(verbs.Screen);
        }

        return ExitCode.Ok;
    }

    private static async Task<ExitCode> DeadLettersAsync(
        VerbContext verbs, GatewayClient client, string name, bool asJson, CancellationToken cancellationToken)
    {
        var letters = await client.ListDeadLettersAsync(name, Most, cancellationToken).ConfigureAwait(false);
        if (asJson)
        {
            JsonText.WriteList(verbs.Screen, letters, WireJson.Default.GatewayDeadLetterDto);
            return ExitCode.Ok;
        }

        var table = new Table("GIVEN UP", "EVENT", "SUBJECT", "ID", new("REASON", Shrinks: true));
        foreach (var letter in letters)
        {
            table.Add(
                $"{TimeText.Age(letter.At, verbs.Now)} ago",
                letter.Event.Type,
                letter.Event.Subject ?? "-",
                letter.Event.Id,
                letter.Reason);
        }

        table.Write(verbs.Screen);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> ResendAsync(
        VerbContext verbs, GatewayClient client, string name, bool asJson, CancellationToken cancellationToken)
    {
        var answer = await client.ResendAsync(name, cancellationToken).ConfigureAwait(false);
        if (asJson)
        {
            JsonText.WriteOne(verbs.Screen, answer, WireJson.Default.GatewayResendDto);
        }
        else
        {
            verbs.Screen.Out.WriteLine(answer.Resent == 1
                ? "1 event is on its way again"
                : $"{Text(answer.Resent)} events are on their way again");
        }

        return ExitCode.Ok;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
