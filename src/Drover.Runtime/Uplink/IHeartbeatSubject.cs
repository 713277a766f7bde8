namespace Drover.Runtime.Uplink;

/// <summary>What a role's heartbeats say beyond that it lives. Read by the heartbeats' loop; never blocks.</summary>
public interface IHeartbeatSubject
{
    /// <summary>Told when a heartbeat should not wait for its time.</summary>
    event Action? Changed;

    /// <summary>False for a moment after the start, for which the first heartbeat waits a little.</summary>
    bool IsKnown { get; }

    /// <summary>How the Docker Engine is, one of <see cref="Wire.Agents.DockerStates"/>; null for a role that watches
    /// none.</summary>
    string? Docker { get; }

    /// <summary>Hash of the inventory the server is known to hold; null for none.</summary>
    string? InventoryHash { get; }

    /// <summary>Changes whenever an inventory sets out or is answered.</summary>
    long InventoryVersion { get; }

    /// <summary>The server holds another inventory: everything must go out again.</summary>
    void SendInventoryAgain(string why);
}

/// <summary>That of a role with neither engine nor inventory.</summary>
internal sealed class BareHeartbeat : IHeartbeatSubject
{
    public event Action? Changed
    {
        add { }
        remove { }
    }

    public bool IsKnown => true;

    public string? Docker => null;

    public string? InventoryHash => null;

    public long InventoryVersion => 0;

    public void SendInventoryAgain(string why)
    {
        // It has none; a server that asks for it takes this role for another.
    }
}
