using Drover.Runtime.Docker;

namespace Drover.Supervisor.Logs;

/// <summary>The log of a component that is a container, by its name: a new container of that name goes on with
/// it.</summary>
internal sealed class ContainerLogSource(string component, string container, DockerClient engine, TimeProvider time)
    : ILogSource
{
    /// <inheritdoc/>
    public string Component => component;

    /// <inheritdoc/>
    public ILogReading Open(LogSelection selection) =>
        new ContainerLogReading(component, container, engine, selection, time);
}
