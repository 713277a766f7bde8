using System.Buffers.Text;
using System.Security.Cryptography;

namespace Drover.Core.Trust;

/// <summary>
/// What a host agent knows its server by: the SHA-256 of the certificate's public key (SubjectPublicKeyInfo, RFC 5280
/// section 4.1.2.7), as RFC 7469 pins it. A certificate that is made anew for the same key keeps its pin. Compared in
/// constant time. Written <c>sha256:</c> and base64url; 64 hexadecimal digits are read as well, which is what openssl
/// prints.
/// </summary>
public sealed class ServerPin : IEquatable<ServerPin>
{
    /// <summary>What stands before the digest: how it was made.</summary>
    public const string Prefix = "sha256:";

    /// <summary>What a pin looks like, for sentences that refuse one.</summary>
    public const string Form = "sha256: and 43 characters, as `drover server certificate show` prints it";

    private const int DigestLength = 32;
    private const int EncodedLength = 43;
    private const int HexLength = 2 * DigestLength;

    private readonly byte[] _digest;

    private ServerPin(byte[] digest) => _digest = digest;

    /// <summary>The pin of a public key.</summary>
    /// <param name="subjectPublicKeyInfo">The key, DER, as it stands in the certificate.</param>
    public static ServerPin Of(ReadOnlySpan<byte> subjectPublicKeyInfo) => new(SHA256.HashData(subjectPublicKeyInfo));

    /// <summary>Reads a pin; false when the text is none.</summary>
    public static bool TryParse(string? text, out ServerPin? pin)
    {
        pin = null;
        text ??= "";
        var digits = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        var digest = digits.Length switch
        {
            HexLength when digits.All(char.IsAsciiHexDigit) => Convert.FromHexString(digits),
            EncodedLength when digits.Length < text.Length && Base64Url.IsValid(digits) =>
                Base64Url.DecodeFromChars(digits),
            _ => [],
        };
        if (digest.Length != DigestLength)
        {
            return false;
        }

        pin = new ServerPin(digest);
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(ServerPin? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(_digest, other._digest);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ServerPin);

    /// <inheritdoc/>
    public override int GetHashCode() => BitConverter.ToInt32(_digest);

    /// <summary>The pin's text; it is no secret.</summary>
    public override string ToString() => Prefix + Base64Url.EncodeToString(_digest);
}
