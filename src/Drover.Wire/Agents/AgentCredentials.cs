namespace Drover.Wire.Agents;

/// <summary>
/// The credentials file <c>agent.json</c> (mode 0600). Written as <c>pending</c> before the enrollment request leaves,
/// so that a lost answer costs nothing: a pending file and the same token ask again with the same key.
/// </summary>
/// <param name="Version">Format of this file; 1.</param>
/// <param name="State"><c>pending</c> or <c>enrolled</c>.</param>
/// <param name="Server">Base address of the server.</param>
/// <param name="HostId">Null while pending.</param>
/// <param name="DeploymentHash">Null while pending.</param>
/// <param name="Key">The signing key's text: the one secret in the file.</param>
/// <param name="ServerPin">SHA-256 of the server's public key, when one was given.</param>
/// <param name="Kind">See <see cref="AgentKinds"/>.</param>
/// <param name="EnrolledAt">Null while pending.</param>
public sealed record AgentCredentials(
    int Version,
    string State,
    string Server,
    string? HostId,
    string? DeploymentHash,
    string Key,
    string? ServerPin,
    string Kind,
    DateTimeOffset? EnrolledAt)
{
    /// <summary>The key that follows, while the server may not have it yet; a secret like <see cref="Key"/>.</summary>
    public string? NextKey { get; init; }

    /// <summary>Pins the server announced for its next certificate; null when none.</summary>
    public IReadOnlyList<string>? NextPins { get; init; }

    /// <summary>Value of <see cref="State"/> before the server's answer is on disk.</summary>
    public const string Pending = "pending";

    /// <summary>Value of <see cref="State"/> afterwards.</summary>
    public const string Enrolled = "enrolled";

    /// <summary>The key is never printed.</summary>
    public override string ToString() =>
        $"AgentCredentials {{ State = {State}, Server = {Server}, HostId = {HostId} }}";
}
