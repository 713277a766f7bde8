using System.CommandLine;
using System.CommandLine.Completions;

namespace Drover.Commands;

/// <summary>The agent that a verb of the gateway is about; completion offers those of the running gateway.</summary>
internal static class GatewayAgentArgument
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    public static Argument<string> Create(VerbContext verbs)
    {
        var argument = new Argument<string>("AGENT")
        {
            Description = "Name of the agent in drover.yaml (`drover gateway agents` lists them)",
        };
        argument.CompletionSources.Add(_ => Names(verbs));
        return argument;
    }

    /// <summary>The option of the same meaning.</summary>
    public static Option<string?> Option(VerbContext verbs, string description)
    {
        var option = new Option<string?>("--agent") { Description = description, HelpName = "AGENT" };
        option.CompletionSources.Add(_ => Names(verbs));
        return option;
    }

    // A completion must be quick and silent: whatever is wrong, there is just nothing to offer.
    private static IEnumerable<CompletionItem> Names(VerbContext verbs)
    {
        try
        {
            using var link = GatewayLink.Open(verbs, verbs.Root.Parse([]));
            using var patience = new CancellationTokenSource(Patience, verbs.Time);
            var agents = link.Client.ListAgentsAsync(patience.Token).GetAwaiter().GetResult();
            return [.. agents.Select(agent => new CompletionItem(agent.Name))];
        }
        catch (Exception)
        {
            return [];
        }
    }
}
