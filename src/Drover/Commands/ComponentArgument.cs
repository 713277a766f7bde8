using System.CommandLine;
using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;

namespace Drover.Commands;

/// <summary>The component that a verb of the supervisor is about; completion offers those of drover.yaml.</summary>
internal static class ComponentArgument
{
    public static Argument<string?> Create(VerbContext verbs, string description)
    {
        var argument = new Argument<string?>("COMPONENT")
        {
            Description = description,
            HelpName = "[COMPONENT]",
            Arity = ArgumentArity.ZeroOrOne,
        };
        argument.CompletionSources.Add(_ => Names(verbs));
        return argument;
    }

    /// <summary>The one that is named, or all.</summary>
    public static IReadOnlyList<ComponentDocument> Chosen(SupervisorDocument document, string? name)
    {
        if (name is null)
        {
            return document.Components;
        }

        return document.Find(name) is { } found
            ? [found]
            : throw Missing(name, document.Components.Select(one => one.Name));
    }

    /// <summary>There is none of that name.</summary>
    public static CliException Missing(string name, IEnumerable<string> known)
    {
        var names = known.ToList();
        var hint = NearestName.Of(name, names) is { } near ? $"did you mean \"{near}\"?"
            : names.Count == 0 ? "drover.yaml has no components under supervisor.components"
            : $"there are {string.Join(", ", names)}";
        return new CliException(ExitCode.NotFound, $"cannot find the component \"{name}\": there is none", hint);
    }

    // Of the file that is found without a word: which --config stands in the line is not known to completion.
    private static IEnumerable<string> Names(VerbContext verbs)
    {
        try
        {
            return Settings.Load(null, verbs.Environment).Supervisor().Components.Select(one => one.Name);
        }
        catch (ConfigurationException)
        {
            return [];
        }
    }
}
