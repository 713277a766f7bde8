using Drover.HostAgent.Engine;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Uplink;

namespace Drover.HostAgent.Heartbeats;

/// <summary>What a host agent's heartbeats say: how the engine is, and which inventory the server holds.</summary>
internal sealed class HostHeartbeat(EngineHealth engine, InventorySync inventory) : IHeartbeatSubject
{
    public event Action? Changed
    {
        add => engine.Changed += value;
        remove => engine.Changed -= value;
    }

    // Without this every start would report an engine as down that nobody has asked yet.
    public bool IsKnown => engine.State is not EngineState.Unknown;

    public string? Docker => engine.OnTheWire;

    public string? InventoryHash => inventory.HashAtServer;

    public long InventoryVersion => inventory.Version;

    public void SendInventoryAgain(string why) => inventory.RequestFull(why);
}
