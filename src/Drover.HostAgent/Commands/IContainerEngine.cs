using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Logs;

namespace Drover.HostAgent.Commands;

/// <summary>
/// The Docker Engine as commands need it. An edge: behind it is another process. Throws as <c>DockerClient</c> does.
/// </summary>
internal interface IContainerEngine
{
    /// <summary>All containers, stopped ones too.</summary>
    Task<IReadOnlyList<ContainerSummary>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Everything about one.</summary>
    Task<ContainerInspect> InspectAsync(string id, CancellationToken cancellationToken);

    /// <summary>Starts it; false when it ran already.</summary>
    Task<bool> StartAsync(string id, CancellationToken cancellationToken);

    /// <summary>Stops it; false when it did not run.</summary>
    Task<bool> StopAsync(string id, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Stops and starts it.</summary>
    Task RestartAsync(string id, TimeSpan grace, CancellationToken cancellationToken);

    /// <summary>Ends it with SIGKILL.</summary>
    Task KillAsync(string id, CancellationToken cancellationToken);

    /// <summary>Reads its log with timestamps, both streams.</summary>
    IAsyncEnumerable<LogLine> LogsAsync(string id, LogQuery query, CancellationToken cancellationToken);
}
