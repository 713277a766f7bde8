using System.Security.Cryptography;
using System.Text;

namespace Drover.Core.Trust;

/// <summary>
/// The signature of the older host agent protocol ("v1"): an HMAC-SHA256 over the raw body alone, in standard base64,
/// beside the key itself as a bearer token. It says that the sender has the key and that the body is whole; method,
/// path, time and request id are not covered, so whoever saw one request can send it again elsewhere and later. Only
/// for hosts that were opted in (docs/decisions, "legacy mode").
/// </summary>
/// <example>
/// Vectors; keys this short are only good for vectors:
/// <code>
/// key token-abc  body empty  Y9BLTyqf3A7iOn+zYh+fSjAVoIakozoLuRlKBAxbV/s=
/// key secret     body hello  iKqz7ejTrflNJquQ07r9SiCDBww7zOnAFO4EpEOEfAs=
/// </code>
/// </example>
public static class LegacySignature
{
    private const string Scheme = "Bearer ";
    private const int MacLength = 32;

    /// <summary>The value of <c>Authorization</c>: the key in clear, as that protocol wants it.</summary>
    public static string Bearer(AgentKey key) => Scheme + key.Reveal();

    /// <summary>The value of <c>X-Agent-Signature</c> for a body; of a GET the body is empty.</summary>
    public static string Sign(AgentKey key, ReadOnlySpan<byte> body) => Sign(key.MacKey, body);

    /// <summary>
    /// True when a signature is of this protocol rather than of <see cref="RequestSignature"/>; says nothing of its
    /// being right.
    /// </summary>
    public static bool IsMeant(string? signature) =>
        !string.IsNullOrEmpty(signature) && !signature.StartsWith(RequestSignature.Prefix, StringComparison.Ordinal);

    /// <summary>
    /// True when <c>Authorization</c> carries this key. Takes the same time wherever it differs: hashed first, so that
    /// neither a length nor the place of a difference shows. Known before a body is read, so that nobody makes us
    /// buffer one unproved.
    /// </summary>
    public static bool IsBearer(AgentKey key, string? authorization)
    {
        var isBearer = authorization is not null && authorization.StartsWith(Scheme, StringComparison.Ordinal);
        var token = isBearer ? authorization![Scheme.Length..] : string.Empty;
        Span<byte> given = stackalloc byte[MacLength];
        Span<byte> expected = stackalloc byte[MacLength];
        SHA256.HashData(Encoding.UTF8.GetBytes(token), given);
        SHA256.HashData(key.MacKey, expected);
        return CryptographicOperations.FixedTimeEquals(given, expected) & isBearer;
    }

    /// <summary>
    /// True only when the signature is of this body under this key. Takes the same time wherever the MACs differ. A
    /// malformed value is false, never an exception.
    /// </summary>
    public static bool Verify(AgentKey key, ReadOnlySpan<byte> body, string? signature)
    {
        Span<byte> expected = stackalloc byte[MacLength];
        HMACSHA256.HashData(key.MacKey, body, expected);
        Span<byte> given = stackalloc byte[MacLength];
        var wellFormed = signature is not null
            && Convert.TryFromBase64Chars(signature, given, out var written)
            && written == MacLength;
        return CryptographicOperations.FixedTimeEquals(expected, given) & wellFormed;
    }

    /// <summary>With any key, for the vectors.</summary>
    internal static string Sign(ReadOnlySpan<byte> macKey, ReadOnlySpan<byte> body)
    {
        Span<byte> mac = stackalloc byte[MacLength];
        HMACSHA256.HashData(macKey, body, mac);
        return Convert.ToBase64String(mac);
    }
}
