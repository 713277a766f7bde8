using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Drover.Core.Trust;

/// <summary>
/// The MAC under which a server announces the pins it will have next, in the answer to a heartbeat. Keyed with the
/// host's own key and bound to that one heartbeat, so that whatever carries the answer can neither add a pin nor bring
/// an old announcement again.
/// </summary>
public static class PinAnnouncement
{
    private const int MacLength = 32;

    /// <summary>The standard base64 of the MAC.</summary>
    /// <param name="key">The host's key.</param>
    /// <param name="hostId">The host.</param>
    /// <param name="run">Run of the heartbeat that is answered.</param>
    /// <param name="seq">Its number within the run.</param>
    /// <param name="pins">What is announced; none takes an earlier announcement back.</param>
    public static string Sign(AgentKey key, string hostId, long run, long seq, IReadOnlyList<string> pins)
    {
        Span<byte> mac = stackalloc byte[MacLength];
        ComputeMac(key, hostId, run, seq, pins, mac);
        return Convert.ToBase64String(mac);
    }

    /// <summary>True when <paramref name="mac"/> is of exactly this announcement under this key.</summary>
    public static bool Verify(
        AgentKey key, string hostId, long run, long seq, IReadOnlyList<string> pins, string? mac)
    {
        Span<byte> expected = stackalloc byte[MacLength];
        ComputeMac(key, hostId, run, seq, pins, expected);
        Span<byte> given = stackalloc byte[MacLength];
        var wellFormed = mac is not null && Convert.TryFromBase64String(mac, given, out var written)
            && written == MacLength;
        return CryptographicOperations.FixedTimeEquals(expected, given) & wellFormed;
    }

    private static void ComputeMac(
        AgentKey key, string hostId, long run, long seq, IReadOnlyList<string> pins, Span<byte> mac)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture, $"drover-pins-v1\n{hostId}\n{run}\n{seq}\n{string.Join(',', pins)}");
        HMACSHA256.HashData(key.MacKey, Encoding.UTF8.GetBytes(text), mac);
    }
}
