using Drover.Runtime.Docker;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Swarm;

/// <summary>The gateway's hold on one Swarm: what it knows of it and what it may do to it. Owns the connections; none
/// is made before somebody wants something.</summary>
internal sealed class SwarmLink : IAsyncDisposable
{
    private readonly DockerClient _docker;
    private readonly SwarmWatch _watch;

    private SwarmLink(DockerClient docker, SwarmWatch watch, ServiceScaler scaler)
    {
        _docker = docker;
        _watch = watch;
        Scaler = scaler;
    }

    /// <summary>What is known.</summary>
    public IServiceWatch Watch => _watch;

    /// <summary>What may be done.</summary>
    public IServiceScaler Scaler { get; }

    /// <summary>Opens one.</summary>
    /// <param name="dockerHost">Where a manager's engine listens, as for DOCKER_HOST.</param>
    /// <param name="network">The network whose addresses are used; null: one that task and gateway share.</param>
    /// <param name="loggers">Where people read of it.</param>
    /// <param name="time">The clock of all waiting.</param>
    /// <exception cref="GatewayStartException">The address cannot be used.</exception>
    public static SwarmLink Open(string dockerHost, string? network, ILoggerFactory loggers, TimeProvider time)
    {
        try
        {
            var docker = new DockerClient(DockerEndpoint.Parse(dockerHost), time);
            return new SwarmLink(
                docker,
                new SwarmWatch(docker, network, OwnContainer.Id(), time, loggers.CreateLogger<SwarmWatch>()),
                new ServiceScaler(docker, time));
        }
        catch (DockerConfigurationException error)
        {
            throw new GatewayStartException($"cannot use gateway.docker_host \"{dockerHost}\": {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        _docker.Dispose();
    }
}
