using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Commands;

/// <summary>The command part's door to the real engine.</summary>
internal sealed class DockerContainerEngine(DockerClient client) : IContainerEngine
{
    public Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken) =>
        client.Containers.ListAsync(cancellationToken);

    public Task<ContainerInspect> InspectAsync(string id, CancellationToken cancellationToken) =>
        client.Containers.InspectAsync(id, cancellationToken);

    public Task<bool> StartAsync(string id, CancellationToken cancellationToken) =>
        client.Containers.StartAsync(id, cancellationToken);

    public Task<bool> StopAsync(string id, TimeSpan grace, CancellationToken cancellationToken) =>
        client.Containers.StopAsync(id, grace, cancellationToken);

    public Task RestartAsync(string id, TimeSpan grace, CancellationToken cancellationToken) =>
        client.Containers.RestartAsync(id, grace, cancellationToken);

    public Task KillAsync(string id, CancellationToken cancellationToken) =>
        client.Containers.KillAsync(id, signal: null, cancellationToken);

    public IAsyncEnumerable<LogLine> LogsAsync(string id, LogQuery query, CancellationToken cancellationToken) =>
        client.Containers.LogsAsync(id, query, tty: null, cancellationToken);
}
