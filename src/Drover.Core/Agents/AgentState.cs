namespace Drover.Core.Agents;

/// <summary>What an agent behind the gateway is doing, under every policy. On the wire in lower case.</summary>
public enum AgentState
{
    /// <summary>Nothing of it runs, or it is frozen; a request wakes it.</summary>
    Sleeping,

    /// <summary>It was woken, or a task of it runs, and it does not serve yet.</summary>
    Starting,

    /// <summary>It serves. An unmanaged agent is always said to be.</summary>
    Ready,

    /// <summary>It should serve and does not; the reason is told. The next request tries again.</summary>
    Degraded,
}
