using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Swarm;

/// <summary>Tasks of services. Only a manager answers.</summary>
public sealed class TaskOperations
{
    private readonly EngineTransport _transport;

    internal TaskOperations(EngineTransport transport) => _transport = transport;

    /// <param name="filters">service, node, name, desired-state, label.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<IReadOnlyList<SwarmTask>> ListAsync(DockerFilters? filters, CancellationToken cancellationToken) =>
        _transport.ReadAsync(
            EngineRequest.Get("/tasks", "list the tasks") with { Query = new EngineQuery().Add(filters) },
            SwarmJson.Default.IReadOnlyListSwarmTask,
            cancellationToken);

    public Task<SwarmTask> InspectAsync(string id, CancellationToken cancellationToken) => _transport.ReadAsync(
        EngineRequest.Get($"/tasks/{Uri.EscapeDataString(id)}", $"inspect task \"{id}\""),
        SwarmJson.Default.SwarmTask,
        cancellationToken);
}
