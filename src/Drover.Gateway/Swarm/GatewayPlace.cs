using Drover.Runtime.Docker.Swarm;

namespace Drover.Gateway.Swarm;

/// <summary>Where this gateway stands, which decides by which address it reaches a task.</summary>
internal sealed record GatewayPlace
{
    /// <summary>The network through which containers of a Swarm reach, and are reached by, their own node.</summary>
    public const string Bridge = "docker_gwbridge";

    /// <summary>This engine's node of the Swarm; empty: it is in none.</summary>
    public string NodeId { get; init; } = "";

    /// <summary>The network that the user chose, by name or id; null: none.</summary>
    public string? Chosen { get; init; }

    /// <summary>Ids of the networks of the gateway's own container; null: it is in none.</summary>
    public IReadOnlySet<string>? Networks { get; init; }

    /// <summary>True: tasks are reached by their address on this node's own bridge.</summary>
    public bool UsesBridge => Chosen is Bridge || (Chosen is null && Networks is null);

    /// <summary>The address of a task in a network that it shares with the gateway; null: none, or none yet.</summary>
    /// <param name="task">What Swarm says of it.</param>
    /// <param name="bridgeAddress">Its address on the bridge; null: none.</param>
    public string? AddressOf(SwarmTask task, string? bridgeAddress) => UsesBridge
        ? bridgeAddress
        : task.Networks.FirstOrDefault(each => IsShared(each.Network)) is { } shared
            ? Plain(shared.Addresses)
            : null;

    /// <summary>Why a task that runs has no address, for people.</summary>
    public string WhyNone(SwarmTask task) => this switch
    {
        { UsesBridge: true } when task.NodeId != NodeId =>
            "it runs on another node, and a gateway outside of the Swarm's networks reaches tasks of its own node only",
        { UsesBridge: true } => $"it has no address in \"{Bridge}\" yet",
        { Chosen: { } chosen } => $"it is not attached to the network \"{chosen}\" (gateway.network)",
        _ => "it shares no network with the gateway: attach both to one",
    };

    private bool IsShared(TaskNetworkIdentity network) => Chosen is { } chosen
        ? network.Spec.Name == chosen || network.Id == chosen
        : !network.Spec.Ingress && Networks!.Contains(network.Id);

    /// <summary>The first IPv4 address, else the first, without the length of its network.</summary>
    private static string? Plain(IReadOnlyList<string> addresses)
    {
        var address = addresses.FirstOrDefault(each => each.Contains('.', StringComparison.Ordinal))
            ?? (addresses is [var first, ..] ? first : null);
        return address?.Split('/')[0];
    }
}
