using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Drover.Core.Trust;

/// <summary>
/// A bearer secret that we make and hand out once: 32 random bytes in base64url behind a prefix that says what it
/// opens, so that people and secret scanners recognise it. Only its <see cref="Hash"/> is ever stored. Never prints
/// itself.
/// </summary>
public sealed class SecretToken
{
    /// <summary>Prefix of a one-time token that enrolls a host.</summary>
    public const string EnrollmentPrefix = "dre_";

    /// <summary>Prefix of a one-time token that registers an agent of the older protocol.</summary>
    public const string LegacyPrefix = "drl_";

    /// <summary>Prefix of the token that opens a gateway to its operators.</summary>
    public const string GatewayPrefix = "drg_";

    /// <summary>Prefix of an API token of a person or tool.</summary>
    public const string ApiPrefix = "dra_";

    private const int RandomBytes = 32;
    private const int EncodedLength = 43;

    private readonly string _text;

    private SecretToken(string text) => _text = text;

    /// <summary>Lower-case hex SHA-256 of the token's UTF-8 bytes: what is stored and looked up.</summary>
    public string Hash => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(_text)));

    /// <summary>Makes a new token from the system's cryptographic randomness.</summary>
    public static SecretToken Create(string prefix) =>
        new(prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)));

    /// <summary>
    /// True when the text has the prefix and the length of a token made here; says nothing of its validity.
    /// </summary>
    public static bool TryParse(string? text, string prefix, out SecretToken? token)
    {
        token = null;
        if (text is null
            || text.Length != prefix.Length + EncodedLength
            || !text.StartsWith(prefix, StringComparison.Ordinal)
            || !Base64Url.IsValid(text.AsSpan(prefix.Length)))
        {
            return false;
        }

        token = new SecretToken(text);
        return true;
    }

    /// <summary>The secret itself, for the one answer or file that hands it out.</summary>
    public string Reveal() => _text;

    /// <summary>Says that there is a token, never which.</summary>
    public override string ToString() => "[token]";
}
