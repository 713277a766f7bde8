namespace Drover.Core.Fleet;

/// <summary>What the server believes of a host. On the wire in lower case with underscores.</summary>
public enum HostState
{
    /// <summary>Heartbeats come in time and the Docker Engine answers.</summary>
    Live,

    /// <summary>A heartbeat missed its deadline; the grace runs.</summary>
    Late,

    /// <summary>Nothing was heard for the whole grace, or nothing yet since the host enrolled.</summary>
    Offline,

    /// <summary>Heartbeats come in time and say that the Docker Engine does not answer.</summary>
    DockerDown,

    /// <summary>The host agent said that it stops; its silence is no alarm.</summary>
    Goodbye,

    /// <summary>An operator revoked its key: nothing it sends is believed any more. Nothing leads out of it.</summary>
    Revoked,
}

/// <summary>What a heartbeat says of the host's Docker Engine.</summary>
public enum DockerCondition
{
    /// <summary>It answers.</summary>
    Up,

    /// <summary>It cannot be reached.</summary>
    Down,

    /// <summary>It takes connections and does not answer in time.</summary>
    Hung,

    /// <summary>It watches none: nothing is said, and nothing can be wrong with it.</summary>
    None,
}
