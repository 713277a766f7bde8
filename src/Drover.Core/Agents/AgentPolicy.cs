namespace Drover.Core.Agents;

/// <summary>What the gateway does for an agent besides forwarding to it.</summary>
public enum AgentPolicy
{
    /// <summary>Nothing.</summary>
    Unmanaged,

    /// <summary>Watches its health for routing and events. Swarm alone starts and restarts it.</summary>
    AlwaysOn,

    /// <summary>Wakes it when somebody asks for it, and puts it to sleep when nobody does.</summary>
    OnDemand,
}
