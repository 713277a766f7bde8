namespace Drover.Core.Fleet;

/// <summary>Everything that can change what the server believes of a host.</summary>
/// <param name="Now">When it happened, on the server's monotonic clock.</param>
public abstract record HostInput(TimeSpan Now)
{
    /// <summary>An accepted heartbeat, new in its sequence.</summary>
    /// <param name="Now">When it was accepted.</param>
    /// <param name="Docker">What it says of the Docker Engine.</param>
    /// <param name="NextIn">The promise the answer makes: the next one is due after this long.</param>
    public sealed record Heartbeat(TimeSpan Now, DockerCondition Docker, TimeSpan NextIn) : HostInput(Now);

    /// <summary>An accepted last heartbeat: the host agent stops on purpose.</summary>
    /// <param name="Now">When it was accepted.</param>
    public sealed record Goodbye(TimeSpan Now) : HostInput(Now);

    /// <summary>An operator revoked the host's key.</summary>
    /// <param name="Now">When it took effect.</param>
    public sealed record KeyRevoked(TimeSpan Now) : HostInput(Now);

    /// <summary>Time has passed; due at <see cref="HostStatus.LookAgainAt"/>, harmless at any other instant.</summary>
    /// <param name="Now">The time.</param>
    public sealed record Tick(TimeSpan Now) : HostInput(Now);

    /// <summary>
    /// The server could not hear anybody until now: it has just started, or finds that it was itself stalled. Starts
    /// the grace, so that its own absence never makes a host late or offline.
    /// </summary>
    /// <param name="Now">When it could hear again.</param>
    public sealed record ServerStarted(TimeSpan Now) : HostInput(Now);
}
