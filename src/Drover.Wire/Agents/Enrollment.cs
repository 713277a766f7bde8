namespace Drover.Wire.Agents;

/// <summary>
/// Body of <see cref="Routes.Enroll"/>: the only request that carries the key, over TLS or loopback only.
/// </summary>
/// <param name="Token">One-time enrollment token.</param>
/// <param name="Name">How people call the host; its hostname unless configured.</param>
/// <param name="Hostname">The machine's own name.</param>
/// <param name="Os">Pretty name of the operating system.</param>
/// <param name="Architecture">As the engine names it: <c>x86_64</c>, <c>aarch64</c>.</param>
/// <param name="DockerVersion">Version of the engine, or null while it does not answer.</param>
/// <param name="Key">
/// Key text, base64url of 32 random bytes, already on the host's disk. Null with a vault as key source.
/// </param>
/// <param name="Kind">What enrolls: see <see cref="AgentKinds"/>.</param>
/// <param name="AgentVersion">Version of the enrolling executable.</param>
public sealed record EnrollRequest(
    string Token,
    string Name,
    string Hostname,
    string? Os,
    string? Architecture,
    string? DockerVersion,
    string? Key,
    string? Kind,
    string? AgentVersion)
{
    /// <summary>The secrets in it are never printed.</summary>
    public override string ToString() => $"EnrollRequest {{ Name = {Name}, Hostname = {Hostname}, Kind = {Kind} }}";
}

/// <summary>Answer of <see cref="Routes.Enroll"/>.</summary>
/// <param name="HostId">UUID; the value of <c>X-Agent-Id</c> from now on.</param>
/// <param name="DeploymentHash">One opaque id per enrolled host.</param>
/// <param name="NextIn">Seconds until the first heartbeat is due.</param>
/// <param name="ServerTime">The server's clock, Unix milliseconds.</param>
public sealed record EnrollResponse(string HostId, string DeploymentHash, int NextIn, long ServerTime);

/// <summary>What may enroll at a server.</summary>
public static class AgentKinds
{
    /// <summary>The host agent of a machine.</summary>
    public const string HostAgent = "host_agent";

    /// <summary>The sidecar that works on Docker for a host agent without a socket.</summary>
    public const string ComposeAgent = "compose_agent";

    /// <summary>The supervisor of a machine: it tells events of its components and has no engine.</summary>
    public const string Supervisor = "supervisor";

    /// <summary>A gateway: it tells events of its agents and has no engine of its own.</summary>
    public const string Gateway = "gateway";
}
