namespace Drover.Wire.Agents;

/// <summary>
/// Body of <see cref="Routes.AgentKey"/>, signed with the key in use: the one that shall follow it. Over TLS or
/// loopback only.
/// </summary>
/// <param name="Key">Key text, base64url of 32 random bytes, already on the host's disk.</param>
public sealed record NewKeyRequest(string? Key)
{
    /// <summary>The key is never printed.</summary>
    public override string ToString() => "NewKeyRequest { }";
}

/// <summary>Answer of <see cref="Routes.AgentKey"/>: the key is stored, and good from the next request on.</summary>
/// <param name="Status">Always <c>ok</c>.</param>
public sealed record NewKeyResponse(string Status);
