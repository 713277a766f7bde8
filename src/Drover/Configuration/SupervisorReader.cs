using Drover.Core.Components;
using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;

namespace Drover.Configuration;

/// <summary>
/// Makes the supervisor's document of what the file says: dependencies between components here, each component by
/// <see cref="ComponentReader"/>. What is wrong is added to the file's problems.
/// </summary>
internal static class SupervisorReader
{
    /// <summary>The document; null when anything is wrong with the file.</summary>
    public static SupervisorDocument? Read(ConfigDocument document)
    {
        var entries = document.Get(DroverYaml.Supervisor.Components) ?? [];
        CheckDependencies(document, entries);
        if (document.Problems.Count > 0)
        {
            // Values that could not be read would be taken for values that are missing.
            return null;
        }

        var directory = Path.GetDirectoryName(Path.GetFullPath(document.Path ?? "drover.yaml"))!;
        var components = entries
            .Select(entry => new ComponentReader(document, directory, entry.Name, entry.Value).Read())
            .ToList();
        CheckContainerNames(document, entries, components);
        var webhooks = WebhookReader.Read(document, DroverYaml.Supervisor.Webhooks);
        return document.Problems.Count > 0 ? null : new SupervisorDocument(components) { Webhooks = webhooks };
    }

    private static void CheckDependencies(ConfigDocument document, IReadOnlyList<ConfigNamed<ConfigEntry>> entries)
    {
        var names = entries.Select(entry => entry.Name).ToList();
        foreach (var (entry, need) in entries.SelectMany(entry => Needs(entry).Select(need => (entry, need))))
        {
            if (!names.Contains(need.Name))
            {
                var hint = NearestName.Of(need.Name, names) is { } near
                    ? $"did you mean \"{near}\"?"
                    : $"known are {string.Join(", ", names)}";
                document.Refuse(
                    need.Place,
                    $"{entry.Value.PathOf(DroverYaml.Component.DependsOn)}: there is no component \"{need.Name}\"; "
                        + hint);
            }
        }

        var graph = new DependencyGraph(entries.Select(entry => (entry.Name, Needs(entry).Select(need => need.Name))));
        if (graph.Cycle is { } cycle)
        {
            var first = entries.First(entry => entry.Name == cycle[0]);
            document.Refuse(
                Needs(first).First(need => need.Name == cycle[1]).Place,
                $"{first.Value.PathOf(DroverYaml.Component.DependsOn)}: the components wait for one another: "
                    + string.Join(" -> ", cycle));
        }
    }

    private static void CheckContainerNames(
        ConfigDocument document,
        IReadOnlyList<ConfigNamed<ConfigEntry>> entries,
        IReadOnlyList<ComponentDocument> components)
    {
        var owners = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (entry, component) in entries.Zip(components))
        {
            if (component.Launch is ContainerLaunch container
                && !owners.TryAdd(container.ContainerName, component.Name))
            {
                document.Refuse(
                    entry.Value.PlaceOf(DroverYaml.Component.Container),
                    $"{entry.Value.PathOf(DroverYaml.Component.Container)}: the name \"{container.ContainerName}\" is "
                        + $"that of {owners[container.ContainerName]}'s container");
            }
        }
    }

    private static IReadOnlyList<ConfigNamed<ConfigEntry>> Needs(ConfigNamed<ConfigEntry> entry) =>
        entry.Value.Get(DroverYaml.Component.DependsOn) ?? [];
}
