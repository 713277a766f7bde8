namespace Drover.Wire;

/// <summary>Names of the headers on every signed request of a host agent.</summary>
public static class SignatureHeaders
{
    /// <summary>The host's id (a UUID), as enrollment gave it.</summary>
    public const string AgentId = "X-Agent-Id";

    /// <summary>Unix seconds, decimal.</summary>
    public const string Timestamp = "X-Timestamp";

    /// <summary>A UUID, fresh for each attempt.</summary>
    public const string RequestId = "X-Request-Id";

    /// <summary><c>v2=</c> and the base64 of the HMAC.</summary>
    public const string Signature = "X-Agent-Signature";
}
