using Drover.Configuration;
using Drover.Runtime.Docker;
using Drover.Supervisor.Daemon;
using Drover.Supervisor.Documents;
using Drover.Supervisor.Logs;

namespace Drover.Supervision;

/// <summary>
/// Where the lines of components come from: the files of processes, the engine for containers. What is only watched
/// has none.
/// </summary>
internal sealed class LogSources : IDisposable
{
    private readonly DockerClient? _engine;

    public LogSources(Settings settings, IReadOnlyList<ComponentDocument> components, TimeProvider time)
    {
        if (components.Any(one => one.Launch is ContainerLaunch))
        {
            _engine = new DockerClient(DockerEndpoint.Parse(settings.DockerHost), time);
        }

        var directory = new LogDirectory(new SupervisorPaths(settings.DataDirectory).Logs);
        All = [.. components.Select(one => Of(one, directory, time)).OfType<ILogSource>()];
    }

    public IReadOnlyList<ILogSource> All { get; }

    public void Dispose() => _engine?.Dispose();

    private ILogSource? Of(ComponentDocument component, LogDirectory directory, TimeProvider time) =>
        component.Launch switch
        {
            ProcessLaunch => new FileLogSource(component.Name, directory, time),
            ContainerLaunch container =>
                new ContainerLogSource(component.Name, container.ContainerName, _engine!, time),
            _ => null,
        };
}
