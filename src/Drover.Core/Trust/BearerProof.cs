using System.Security.Cryptography;
using System.Text;

namespace Drover.Core.Trust;

/// <summary>
/// What a bearer token that is presented is compared with: its SHA-256 alone, in constant time whatever is presented.
/// The token itself is not kept, and nothing of this says what it was.
/// </summary>
public sealed class BearerProof
{
    private readonly byte[] _digest;

    private BearerProof(byte[] digest) => _digest = digest;

    /// <summary>The proof of a token.</summary>
    public static BearerProof Of(string token) => new(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    /// <summary>True when what was presented is the token.</summary>
    public bool Verify(BearerProof presented)
    {
        ArgumentNullException.ThrowIfNull(presented);
        return CryptographicOperations.FixedTimeEquals(_digest, presented._digest);
    }

    /// <inheritdoc/>
    public override string ToString() => "[proof]";
}
