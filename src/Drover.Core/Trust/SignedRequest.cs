namespace Drover.Core.Trust;

/// <summary>What a v2 signature covers, in the order of the canonical string.</summary>
/// <param name="Method">HTTP method in capitals.</param>
/// <param name="RawTarget">Path and query exactly as they stand in the request line, percent-encoding kept.</param>
/// <param name="AgentId">The value of <c>X-Agent-Id</c>.</param>
/// <param name="UnixSeconds">The value of <c>X-Timestamp</c>: seconds since 1970-01-01 UTC.</param>
/// <param name="RequestId">The value of <c>X-Request-Id</c>, fresh for each attempt.</param>
/// <param name="BodyHash">
/// <see cref="RequestSignature.HashBody"/> of the body as sent, or <see cref="RequestSignature.StreamBodyHash"/>.
/// </param>
public readonly record struct SignedRequest(
    string Method,
    string RawTarget,
    string AgentId,
    long UnixSeconds,
    string RequestId,
    string BodyHash);
