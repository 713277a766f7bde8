using Drover.Runtime.Docker.Swarm;

namespace Drover.Gateway.Swarm;

/// <summary>Answers of the engine to one question, or to several that were asked together.</summary>
internal sealed record SwarmListing
{
    /// <summary>The moment of the picture at which they were asked: what it learnt later is newer.</summary>
    public required long Asked { get; init; }

    /// <summary>Where the gateway stands; null: not asked.</summary>
    public GatewayPlace? Place { get; init; }

    /// <summary>Ids of the services that were asked for; null: all there are.</summary>
    public IReadOnlySet<string>? Only { get; init; }

    /// <summary>Services; null: not asked.</summary>
    public IReadOnlyList<Service>? Services { get; init; }

    /// <summary>All tasks of the services that were asked for; null: not asked.</summary>
    public IReadOnlyList<SwarmTask>? Tasks { get; init; }

    /// <summary>All containers of this node that run and belong to tasks; null: not asked.</summary>
    public IReadOnlyList<ContainerFact>? Containers { get; init; }

    /// <summary>Addresses on this node's bridge, by container; null: not asked.</summary>
    public IReadOnlyDictionary<string, string>? Bridge { get; init; }
}
