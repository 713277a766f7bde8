using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Drover.Runtime.Docker.Containers;

/// <summary>Networks and ports of a container.</summary>
public sealed record ContainerNetworks
{
    public IReadOnlyDictionary<string, NetworkEndpoint> Networks { get; init => field = value ?? None; } = None;

    /// <summary>Container port (<c>80/tcp</c>) to where it is published; a null list is an unpublished port. Only
    /// inspect tells it.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> Ports { get; init => field = value ?? NoPorts; } =
        NoPorts;

    private static ReadOnlyDictionary<string, NetworkEndpoint> None =>
        ReadOnlyDictionary<string, NetworkEndpoint>.Empty;

    private static ReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> NoPorts =>
        ReadOnlyDictionary<string, IReadOnlyList<PortBinding>?>.Empty;
}

/// <summary>A container's place in one network.</summary>
public sealed record NetworkEndpoint
{
    [JsonPropertyName("NetworkID")]
    public string? NetworkId { get; init; }

    [JsonPropertyName("EndpointID")]
    public string? EndpointId { get; init; }

    /// <summary>Address; empty while the container does not run.</summary>
    [JsonPropertyName("IPAddress")]
    public string? IpAddress { get; init; }

    [JsonPropertyName("IPPrefixLen")]
    public int? IpPrefixLength { get; init; }

    public string? Gateway { get; init; }

    public string? MacAddress { get; init; }

    [JsonPropertyName("GlobalIPv6Address")]
    public string? GlobalIpv6Address { get; init; }

    public IReadOnlyList<string>? Aliases { get; init; }
}

/// <summary>Where a container's port is published.</summary>
public sealed record PortBinding
{
    /// <summary>Host address; empty for all.</summary>
    public string? HostIp { get; init; }

    /// <summary>Host port as text; empty lets the engine choose.</summary>
    public string? HostPort { get; init; }
}
