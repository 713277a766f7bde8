using Drover.Core.Components;
using Drover.Runtime.Events.Webhooks;

namespace Drover.Supervisor.Documents;

/// <summary>All components of the user's file, in its order, and who needs whom. Has no cycle.</summary>
public sealed class SupervisorDocument
{
    /// <summary>Checked components.</summary>
    public SupervisorDocument(IReadOnlyList<ComponentDocument> components)
    {
        ArgumentNullException.ThrowIfNull(components);
        Components = components;
        Graph = new DependencyGraph(components.Select(one => (one.Name, (IEnumerable<string>)one.DependsOn.Keys)));
        if (Graph.Cycle is { } cycle)
        {
            throw new ArgumentException($"cycle: {string.Join(" -> ", cycle)}", nameof(components));
        }
    }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<ComponentDocument> Components { get; }

    /// <summary>Who is told of events over HTTP.</summary>
    public IReadOnlyList<WebhookSpec> Webhooks { get; init; } = [];

    /// <summary>Who needs whom.</summary>
    public DependencyGraph Graph { get; }

    /// <summary>The component of that name; null where there is none.</summary>
    public ComponentDocument? Find(string name) => Components.FirstOrDefault(one => one.Name == name);
}
