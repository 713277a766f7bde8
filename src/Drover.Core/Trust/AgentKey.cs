using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Drover.Core.Trust;

/// <summary>
/// The secret a host agent signs with. Ours is the base64url text of 32 random bytes; the MAC key is the UTF-8 bytes
/// of that text, so that keys made elsewhere (a vault) may be any text. Never prints itself.
/// </summary>
public sealed class AgentKey : IEquatable<AgentKey>
{
    /// <summary>Bytes of randomness in a key made here.</summary>
    public const int RandomBytes = 32;

    /// <summary>The shortest text accepted: 32 characters.</summary>
    public const int MinLength = 32;

    /// <summary>The longest text accepted, in characters.</summary>
    public const int MaxLength = 512;

    private readonly byte[] _macKey;

    private AgentKey(string text) => _macKey = Encoding.UTF8.GetBytes(text);

    /// <summary>The bytes an HMAC is keyed with.</summary>
    internal ReadOnlySpan<byte> MacKey => _macKey;

    /// <summary>Makes a new key from the system's cryptographic randomness.</summary>
    public static AgentKey Create() =>
        new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes)));

    /// <summary>
    /// Takes a key that was written elsewhere. False when it is too short, too long or not printable ASCII.
    /// </summary>
    public static bool TryParse(string? text, out AgentKey? key)
    {
        key = null;
        if (text is null || text.Length is < MinLength or > MaxLength || text.Any(c => c is < '!' or > '~'))
        {
            return false;
        }

        key = new AgentKey(text);
        return true;
    }

    /// <summary>The secret itself, for the credentials file and the enrollment body and nothing else.</summary>
    public string Reveal() => Encoding.UTF8.GetString(_macKey);

    /// <summary>Compares in constant time.</summary>
    public bool Equals(AgentKey? other) =>
        other is not null && CryptographicOperations.FixedTimeEquals(_macKey, other._macKey);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as AgentKey);

    /// <inheritdoc/>
    public override int GetHashCode() => _macKey.Length;

    /// <summary>Says that there is a key, never which.</summary>
    public override string ToString() => "[agent key]";
}
