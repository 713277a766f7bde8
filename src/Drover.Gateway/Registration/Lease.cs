using Drover.Gateway.Routing;

namespace Drover.Gateway.Registration;

/// <summary>
/// A hostname that an agent registered, for a time. It never changes. While its agent sleeps its time stands still, for
/// nobody is there to renew it.
/// </summary>
/// <param name="Agent">Whose it is.</param>
/// <param name="Pattern">The name or wildcard.</param>
/// <param name="Port">The port of the agent's own task.</param>
/// <param name="Ttl">How long it holds from each renewal on.</param>
/// <param name="ExpiresAt">When it ends; null while the agent sleeps.</param>
internal sealed record Lease(
    string Agent, HostPattern Pattern, int Port, TimeSpan Ttl, DateTimeOffset? ExpiresAt)
{
    /// <summary>True when its time is over.</summary>
    public bool HasEnded(DateTimeOffset now) => ExpiresAt <= now;

    /// <summary>The agent sleeps: the lease waits for it.</summary>
    public Lease Resting() => this with { ExpiresAt = null };

    /// <summary>The agent serves: from now on it has the whole time to renew.</summary>
    public Lease Awake(DateTimeOffset now) => ExpiresAt is null ? this with { ExpiresAt = now + Ttl } : this;
}
