using Drover.Core.Fleet;
using Drover.Core.Trust;
using Drover.Runtime.Events;
using Drover.Server.Features.Access;
using Drover.Server.Features.Inventory;
using Drover.Wire.Inventory;

namespace Drover.Server.Features.Hosts;

/// <summary>What never changes about an enrolled host, but for its key.</summary>
/// <param name="HostId">UUID, the value of <c>X-Agent-Id</c>.</param>
/// <param name="DeploymentHash">The opaque id that commands and reports carry.</param>
/// <param name="Name">How people call it; unique among hosts.</param>
/// <param name="Kind">What enrolled.</param>
/// <param name="EnrolledAt">When.</param>
internal sealed record HostIdentity(
    string HostId, string DeploymentHash, string Name, string Kind, DateTimeOffset EnrolledAt);

/// <summary>
/// A host in the server's memory: its identity, what was last heard of it, and its containers. One lock guards what
/// heartbeats change; whole records are swapped, so that readers need none.
/// </summary>
internal sealed class EnrolledHost
{
    private HostSighting _sighting;
    private HostKeys _keys;
    private HostFactsDto? _facts;
    private HostInventory _inventory = HostInventory.Empty;
    private long _inventoryConfirmedAt;
    private bool _isLegacy;

    public EnrolledHost(HostIdentity identity, AgentKey key, HostSighting sighting)
    {
        Identity = identity;
        Kind = HostKinds.Find(identity.Kind) ?? HostKinds.HostAgent;
        _keys = new HostKeys(key);
        _sighting = sighting;
    }

    public HostIdentity Identity { get; }

    public string HostId => Identity.HostId;

    /// <summary>What enrolled; what a newer server wrote and this one does not know counts as a host agent.</summary>
    public HostKind Kind { get; }

    public string Name => Identity.Name;

    /// <summary>The key in use.</summary>
    public AgentKey Key => Keys.Current;

    /// <summary>What it may sign with.</summary>
    public HostKeys Keys
    {
        get => Volatile.Read(ref _keys);
        set => Volatile.Write(ref _keys, value);
    }

    /// <summary>True once an operator revoked its key: its signature opens nothing, and it stays in the list.</summary>
    public bool IsRevoked => Sighting.Status.State is HostState.Revoked;

    /// <summary>True when nobody will come for what waits for it.</summary>
    public bool IsShutOut => Removed || IsRevoked;

    /// <summary>Held for the moment in which a message is judged; never while waiting.</summary>
    public Lock Gate { get; } = new();

    /// <summary>One inventory message at a time, from judging to durable.</summary>
    public SemaphoreSlim InventoryTurn { get; } = new(1);

    /// <summary>One delivery of the host's own events at a time, from judging to durable.</summary>
    public SemaphoreSlim EventsTurn { get; } = new(1);

    /// <summary>Where the host's own events stand; written in its <see cref="EventsTurn"/> alone.</summary>
    public RunSequence Events { get; set; } = RunSequence.Empty;

    /// <summary>Request ids that worked once; guarded by <see cref="Gate"/>.</summary>
    public RequestWindows Requests { get; } = new();

    /// <summary>Beats when something waits for the host: a command or a log to follow.</summary>
    public Pulse Work { get; } = new();

    /// <summary>
    /// False only when the queue was found empty and nothing was queued since, so that idle polls cost no read.
    /// </summary>
    public bool MayHaveCommands { get; set; } = true;

    /// <summary>State, sequences and last sight.</summary>
    public HostSighting Sighting
    {
        get => Volatile.Read(ref _sighting);
        set => Volatile.Write(ref _sighting, value);
    }

    /// <summary>The machine as it last described itself.</summary>
    public HostFactsDto? Facts
    {
        get => Volatile.Read(ref _facts);
        set => Volatile.Write(ref _facts, value);
    }

    /// <summary>Its containers as it last told of them.</summary>
    public HostInventory Inventory
    {
        get => Volatile.Read(ref _inventory);
        set => Volatile.Write(ref _inventory, value);
    }

    /// <summary>When the host last told of its containers, or last said that nothing changed.</summary>
    public DateTimeOffset? InventoryConfirmedAt =>
        Volatile.Read(ref _inventoryConfirmedAt) is var at && at > 0
            ? DateTimeOffset.FromUnixTimeMilliseconds(at)
            : Inventory.At;

    /// <summary>Notes that the server's containers are the host's.</summary>
    public void ConfirmInventory(DateTimeOffset at) =>
        Volatile.Write(ref _inventoryConfirmedAt, at.ToUnixTimeMilliseconds());

    /// <summary>True while it may sign as the older protocol does; an admin's choice (Legacy/LegacyHosts).</summary>
    public bool IsLegacy
    {
        get => Volatile.Read(ref _isLegacy);
        set => Volatile.Write(ref _isLegacy, value);
    }

    /// <summary>The pin of a coming certificate that the host's agent said it has stored; null when none.</summary>
    public string? KnownPin { get; set; }

    /// <summary>True once an operator removed it: its signature opens nothing any more.</summary>
    public bool Removed { get; set; }

    public override string ToString() => $"{Name} ({HostId})";
}
