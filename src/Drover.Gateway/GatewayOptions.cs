using Drover.Gateway.Documents;
using Drover.Runtime.Uplink;

namespace Drover.Gateway;

/// <summary>What a gateway of this process is told.</summary>
public sealed record GatewayOptions
{
    /// <summary>Where it keeps what must outlive it. One gateway to a directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>How events call it; null: the machine's own name.</summary>
    public string? Name { get; init; }

    /// <summary>The server that is told of its events; null: there is none.</summary>
    public UplinkSpec? Uplink { get; init; }

    /// <summary>What the user's file says.</summary>
    public required GatewayDocument Document { get; init; }

    /// <summary>Where the engine of a manager of the Swarm listens, as for DOCKER_HOST.</summary>
    public string DockerHost { get; init; } = "unix:///var/run/docker.sock";

    /// <summary>
    /// Reads the file again; throws <see cref="Drover.Runtime.Configuration.ConfigurationException"/> when it cannot be
    /// used.
    /// </summary>
    public required Func<GatewayDocument> Reread { get; init; }
}
