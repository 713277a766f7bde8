using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Commands;

/// <summary>
/// The command part's door to the real engine. An action lasts as long as its command may: the command's own deadline
/// ends it, through the token, and no limit of the client before that.
/// </summary>
internal sealed class DockerContainerEngine(DockerClient client) : IContainerEngine
{
    private static readonly TimeSpan AsLongAsTheCommand = Timeout.InfiniteTimeSpan;

    public Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken) =>
        client.Containers.ListAsync(cancellationToken);

    public Task<ContainerInspect> InspectAsync(string id, CancellationToken cancellationToken) =>
        client.Containers.InspectAsync(id, cancellationToken);

    public Task<bool> StartAsync(string id, CancellationToken cancellationToken) =>
        client.Containers.StartAsync(id, cancellationToken, AsLongAsTheCommand);

    public Task<bool> StopAsync(string id, TimeSpan grace, CancellationToken cancellationToken) =>
        client.Containers.StopAsync(id, grace, cancellationToken, AsLongAsTheCommand);

    public Task RestartAsync(string id, TimeSpan grace, CancellationToken cancellationToken) =>
        client.Containers.RestartAsync(id, grace, cancellationToken, AsLongAsTheCommand);

    public Task KillAsync(string id, CancellationToken cancellationToken) =>
        client.Containers.KillAsync(id, signal: null, cancellationToken);

    public IAsyncEnumerable<LogLine> LogsAsync(string id, LogQuery query, CancellationToken cancellationToken) =>
        client.Containers.LogsAsync(id, query, tty: null, cancellationToken);
}
