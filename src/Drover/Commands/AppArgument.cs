using System.CommandLine;
using System.CommandLine.Completions;
using Drover.Wire.Client;

namespace Drover.Commands;

/// <summary>The argument that names an app, with completion from the server's own list.</summary>
internal static class AppArgument
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);

    public static Argument<string> Create(VerbContext verbs)
    {
        var argument = new Argument<string>("APP")
        {
            Description =
                "App code: label drover.app, else Compose service, else container name (`drover ps` lists them)",
        };
        argument.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && string.IsNullOrWhiteSpace(result.Tokens[0].Value))
            {
                result.AddError("an app code is missing: `drover ps` shows them");
            }
        });
        argument.CompletionSources.Add(_ => Names(
            verbs,
            async (client, token) =>
                (await client.ListContainersAsync(null, token).ConfigureAwait(false)).Select(one => one.AppCode)));
        return argument;
    }

    /// <summary>The option that names a host, with completion.</summary>
    public static Option<string?> HostOption(VerbContext verbs, string description)
    {
        var option = SharedOptions.Host(description);
        option.CompletionSources.Add(_ => Names(
            verbs,
            async (client, token) =>
                (await client.ListHostsAsync(token).ConfigureAwait(false)).Select(one => one.Name)));
        return option;
    }

    /// <summary>The option that names one of an app's containers, with completion.</summary>
    public static Option<string?> ContainerOption(VerbContext verbs)
    {
        var option = new Option<string?>("--container")
        {
            Description = "One container, where the app has several",
            HelpName = "NAME",
        };
        option.CompletionSources.Add(_ => Names(
            verbs,
            async (client, token) =>
                (await client.ListContainersAsync(null, token).ConfigureAwait(false))
                    .Select(one => one.Container.Name)));
        return option;
    }

    // A completion must be quick and silent: whatever is wrong, there is just nothing to offer.
    internal static IEnumerable<CompletionItem> Names(
        VerbContext verbs, Func<DroverClient, CancellationToken, Task<IEnumerable<string>>> list)
    {
        try
        {
            using var link = verbs.Connect(verbs.Root.Parse([]));
            using var patience = new CancellationTokenSource(Patience, verbs.Time);
            var names = list(link.Client, patience.Token).GetAwaiter().GetResult();
            return [.. names.Distinct().Order(StringComparer.Ordinal).Select(name => new CompletionItem(name))];
        }
        catch (Exception)
        {
            return [];
        }
    }
}
