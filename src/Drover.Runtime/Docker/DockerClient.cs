using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Engine;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Docker.Images;
using Drover.Runtime.Docker.Networks;
using Drover.Runtime.Docker.Swarm;
using Drover.Runtime.Docker.Transport;
using Drover.Runtime.Docker.Volumes;

namespace Drover.Runtime.Docker;

/// <summary>
/// A client of one Docker Engine. Safe for concurrent use; owns the pooled connections, so make one and keep it.
/// Nothing is
/// connected until the first call, and a client outlives any number of engine restarts. Every call throws only a
/// <see cref="DockerException"/> or, when its token is cancelled, <see cref="OperationCanceledException"/>.
/// </summary>
public sealed class DockerClient : IDisposable
{
    private readonly EngineTransport _transport;

    /// <param name="endpoint">Where the engine listens. The caller keeps owning its certificates.</param>
    /// <param name="timeProvider">Clock of all deadlines and pauses.</param>
    /// <param name="options">Limits; null for the defaults.</param>
    public DockerClient(DockerEndpoint endpoint, TimeProvider timeProvider, DockerClientOptions? options = null)
    {
        Endpoint = endpoint;
        _transport = new EngineTransport(endpoint, options ?? DockerClientOptions.Default, timeProvider);
        System = new SystemOperations(_transport);
        Containers = new ContainerOperations(_transport);
        Exec = new ExecOperations(_transport);
        Images = new ImageOperations(_transport);
        Networks = new NetworkOperations(_transport);
        Volumes = new VolumeOperations(_transport);
        Swarm = new SwarmOperations(_transport);
        Services = new ServiceOperations(_transport);
        Tasks = new TaskOperations(_transport);
        Nodes = new NodeOperations(_transport);
        Secrets = new SwarmFileOperations(_transport, "secret");
        Configs = new SwarmFileOperations(_transport, "config");
        Events = new EventOperations(_transport, System);
    }

    public DockerEndpoint Endpoint { get; }

    public SystemOperations System { get; }

    public ContainerOperations Containers { get; }

    public ExecOperations Exec { get; }

    public ImageOperations Images { get; }

    public NetworkOperations Networks { get; }

    public VolumeOperations Volumes { get; }

    public SwarmOperations Swarm { get; }

    public ServiceOperations Services { get; }

    public TaskOperations Tasks { get; }

    public NodeOperations Nodes { get; }

    public SwarmFileOperations Secrets { get; }

    public SwarmFileOperations Configs { get; }

    public EventOperations Events { get; }

    /// <summary>Closes all connections; calls under way fail.</summary>
    public void Dispose() => _transport.Dispose();
}
