namespace Drover.Core.Components;

/// <summary>What a component is doing. On the wire in lower case.</summary>
public enum ComponentState
{
    /// <summary>An instance is being launched, or runs and is not ready yet.</summary>
    Starting,

    /// <summary>Its instance is ready.</summary>
    Running,

    /// <summary>
    /// Its instance runs and does not pass its readiness probe: it was ready, or has failed it from the start as often
    /// as it may.
    /// </summary>
    Unhealthy,

    /// <summary>No instance; the next start is waited for.</summary>
    Backoff,

    /// <summary>Its instance was told to end and has not yet.</summary>
    Stopping,

    /// <summary>No instance, and none is wanted. <c>completed</c> is this state with exit code 0.</summary>
    Stopped,

    /// <summary>No instance; it ended too often. At most one try after a while.</summary>
    Failed,
}

/// <summary>How far the present instance has come.</summary>
public enum InstancePhase
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Its launch was ordered; whether it succeeds is not known yet.</summary>
    Launching,

    /// <summary>It runs.</summary>
    Alive,
}

/// <summary>What follows when a stopping instance has ended.</summary>
public enum StopPurpose
{
    /// <summary>Nothing: an operator ordered the component to stop.</summary>
    Rest,

    /// <summary>A new instance at once: an operator ordered a restart.</summary>
    Relaunch,

    /// <summary>What the restart policy says: a probe failed.</summary>
    Recover,
}

/// <summary>Who brings instances into being.</summary>
public enum Ownership
{
    /// <summary>Drover launches and ends them: a process, a container.</summary>
    Owned,

    /// <summary>Somebody else does; Drover only watches.</summary>
    Watched,
}
