using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Drover.Core.Trust;

/// <summary>
/// The v2 signature of a request from a host agent: an HMAC over everything that gives the request its meaning, so
/// that neither body, path, query, caller nor time can be changed or replayed elsewhere.
/// Source: the project's wire page, "Canonical string".
/// </summary>
/// <example>
/// Two vectors for other implementations, with the host id <c>7c9e6679-7425-40de-944b-e07fc1f90ae7</c>:
/// <code>
/// key        AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
/// request    POST /api/agent/heartbeat at 1767225600, id 0f8fad5b-d9cb-469f-a165-70867728950e
/// body       {"run":1767225600000,"seq":1,"docker":"up","at":1767225600000}
/// signature  v2=nWe58EWblQU5rcLWqh+st+plL06hO8D3fhT39kXFpHc=
///
/// key        operator-written-key-of-any-printable-text!
/// request    POST /api/agent/streams/5f2c?part=1&amp;name=a%2Fb at 1767225661, id req-2
/// body       STREAM in the place of its hash
/// signature  v2=vuiYDjs8DJognBv0xOdmTWEfLPIXT38oVDliiQLGlxs=
/// </code>
/// </example>
public static class RequestSignature
{
    /// <summary>What stands before the base64 MAC in <c>X-Agent-Signature</c>.</summary>
    public const string Prefix = "v2=";

    /// <summary>Signed in the place of the body hash where the body is an endless upload (log follow).</summary>
    public const string StreamBodyHash = "STREAM";

    /// <summary>How far a stamp may lie from the verifier's clock, either way.</summary>
    public static readonly TimeSpan AllowedSkew = TimeSpan.FromSeconds(300);

    private const int MacLength = 32;

    /// <summary>Lower-case hex SHA-256 of a body as sent; an absent body is the empty one.</summary>
    public static string HashBody(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    /// <summary>Makes the value of <c>X-Agent-Signature</c>: <c>v2=</c> and the standard base64 of the MAC.</summary>
    public static string Sign(AgentKey key, SignedRequest request)
    {
        Span<byte> mac = stackalloc byte[MacLength];
        ComputeMac(key, request, mac);
        return Prefix + Convert.ToBase64String(mac);
    }

    /// <summary>
    /// True only when <paramref name="signature"/> is a v2 signature of exactly this request under this key.
    /// Takes the same time wherever the MACs differ. A malformed value is false, never an exception.
    /// </summary>
    public static bool Verify(AgentKey key, SignedRequest request, string? signature)
    {
        Span<byte> expected = stackalloc byte[MacLength];
        ComputeMac(key, request, expected);

        Span<byte> given = stackalloc byte[MacLength];
        var wellFormed = signature is not null
            && signature.StartsWith(Prefix, StringComparison.Ordinal)
            && Convert.TryFromBase64Chars(signature.AsSpan(Prefix.Length), given, out var written)
            && written == MacLength;
        return CryptographicOperations.FixedTimeEquals(expected, given) & wellFormed;
    }

    /// <summary>The bytes that are signed. Public so that other implementations can be checked against it.</summary>
    public static string CanonicalString(SignedRequest request) => string.Create(
        CultureInfo.InvariantCulture,
        $"drover-v2\n{request.Method}\n{request.RawTarget}\n{request.AgentId}\n{request.UnixSeconds}\n"
            + $"{request.RequestId}\n{request.BodyHash}");

    private static void ComputeMac(AgentKey key, SignedRequest request, Span<byte> mac)
    {
        var canonical = CanonicalString(request);
        var buffer = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(canonical.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(canonical, buffer);
            HMACSHA256.HashData(key.MacKey, buffer.AsSpan(0, length), mac);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
