using Drover.Gateway.Agents;
using Drover.Gateway.Capacity;
using Drover.Gateway.Swarm;
using Drover.Runtime.Events;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Lifecycle;

/// <summary>The Swarm that agents are services of.</summary>
/// <param name="Watch">Who knows services.</param>
/// <param name="Scaler">Who changes what runs.</param>
/// <param name="Link">What goes with it at the end; null: it is somebody else's.</param>
internal sealed record SwarmAccess(IServiceWatch Watch, IServiceScaler Scaler, SwarmLink? Link = null)
    : IAsyncDisposable
{
    /// <summary>The Swarm of a manager's engine; nothing is asked of it before an agent is its service.</summary>
    /// <exception cref="GatewayStartException">The address cannot be used.</exception>
    public static SwarmAccess Open(GatewayOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        var link = SwarmLink.Open(options.DockerHost, options.Document.Network, loggers, time);
        return new SwarmAccess(link.Watch, link.Scaler, link);
    }

    /// <summary>How the life of one of its agents begins.</summary>
    public Func<AgentSeat, AgentRunner> Leading(
        CapacityRunner capacity, IEventPublisher events, TimeProvider time, ILoggerFactory loggers)
    {
        var platform = new AgentPlatform(Watch, Scaler, new AgentProber(time), events)
        {
            AdmitAsync = capacity.AdmitAsync,
        };
        var logger = loggers.CreateLogger<AgentRunner>();
        return seat => new AgentRunner(seat, platform, time, logger);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Link?.DisposeAsync() ?? ValueTask.CompletedTask;
}
