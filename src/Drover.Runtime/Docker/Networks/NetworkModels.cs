using System.Collections.ObjectModel;
using System.Text.Json.Serialization;
using Drover.Runtime.Docker.Containers;
using Drover.Runtime.Docker.Transport;

namespace Drover.Runtime.Docker.Networks;

/// <summary>A network, as list and inspect tell it.</summary>
public sealed record Network
{
    public string Name { get; init => field = value ?? ""; } = "";

    public string Id { get; init => field = value ?? ""; } = "";

    [JsonConverter(typeof(EngineTimestampConverter))]
    public EngineTimestamp? Created { get; init; }

    /// <summary>local or swarm.</summary>
    public string Scope { get; init => field = value ?? ""; } = "";

    /// <summary>bridge, overlay, host, null ...</summary>
    public string Driver { get; init => field = value ?? ""; } = "";

    /// <summary>True: no way out.</summary>
    public bool Internal { get; init; }

    /// <summary>True: containers outside of services may join an overlay.</summary>
    public bool Attachable { get; init; }

    /// <summary>True: the Swarm's routing mesh.</summary>
    public bool Ingress { get; init; }

    [JsonPropertyName("IPAM")]
    public AddressPlan AddressPlan { get; init => field = value ?? new(); } = new();

    /// <summary>Container id to its place; only inspect tells it.</summary>
    public IReadOnlyDictionary<string, NetworkMember> Containers { get; init => field = value ?? NoMembers; } =
        NoMembers;

    public IReadOnlyDictionary<string, string> Options { get; init => field = value ?? None; } = None;

    public IReadOnlyDictionary<string, string> Labels { get; init => field = value ?? None; } = None;

    private static ReadOnlyDictionary<string, string> None => ReadOnlyDictionary<string, string>.Empty;

    private static ReadOnlyDictionary<string, NetworkMember> NoMembers =>
        ReadOnlyDictionary<string, NetworkMember>.Empty;
}

/// <summary>How a network hands out addresses.</summary>
public sealed record AddressPlan
{
    public string? Driver { get; init; }

    public IReadOnlyList<Subnet> Config { get; init => field = value ?? []; } = [];
}

/// <summary>A range of addresses.</summary>
public sealed record Subnet
{
    /// <summary>CIDR.</summary>
    [JsonPropertyName("Subnet")]
    public string? Range { get; init; }

    public string? Gateway { get; init; }

    /// <summary>Part of the range that containers get, CIDR.</summary>
    [JsonPropertyName("IPRange")]
    public string? Pool { get; init; }
}

/// <summary>A container in a network.</summary>
public sealed record NetworkMember
{
    public string Name { get; init => field = value ?? ""; } = "";

    [JsonPropertyName("EndpointID")]
    public string EndpointId { get; init => field = value ?? ""; } = "";

    public string MacAddress { get; init => field = value ?? ""; } = "";

    /// <summary>CIDR.</summary>
    [JsonPropertyName("IPv4Address")]
    public string Ipv4Address { get; init => field = value ?? ""; } = "";
}

/// <summary>A network to create.</summary>
public sealed record CreateNetwork
{
    public required string Name { get; init; }

    /// <summary>Null means bridge.</summary>
    public string? Driver { get; init; }

    public bool Internal { get; init; }

    public bool Attachable { get; init; }

    [JsonPropertyName("IPAM")]
    public AddressPlan? AddressPlan { get; init; }

    public IReadOnlyDictionary<string, string>? Options { get; init; }

    public IReadOnlyDictionary<string, string>? Labels { get; init; }

    /// <summary>Else the engine may make two of one name.</summary>
    [JsonInclude]
    internal bool CheckDuplicate { get; init; } = true;
}

internal sealed record CreatedNetwork
{
    public string Id { get; init => field = value ?? ""; } = "";
}

internal sealed record NetworkConnection
{
    public required string Container { get; init; }

    public bool Force { get; init; }

    public NetworkEndpoint? EndpointConfig { get; init; }
}

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<Network>))]
[JsonSerializable(typeof(CreateNetwork))]
[JsonSerializable(typeof(CreatedNetwork))]
[JsonSerializable(typeof(NetworkConnection))]
internal sealed partial class NetworkJson : JsonSerializerContext;
