using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Drover.EndToEnd.Canary;

/// <summary>Everything that must not be found, and the forms in which it could be.</summary>
internal sealed class Secrets
{
    private readonly Dictionary<string, string> _byName = new(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, string> ByName => _byName;

    /// <summary>Makes a secret to plant: nothing else can contain it by chance.</summary>
    public string Plant(string name) =>
        Add(name, $"cnry{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}");

    /// <summary>A token as the server would make it, which it never made.</summary>
    public string PlantToken(string name, string prefix) =>
        Add(name, prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>A secret that the system made.</summary>
    public string Add(string name, string secret)
    {
        Assert.True(secret.Length >= 16, $"{name} is too short to be looked for");
        _byName.Add(name, secret);
        return secret;
    }

    /// <summary>Names of the secrets that stand in the bytes: as they are, in base64, hexadecimal or a URL.</summary>
    public IEnumerable<string> In(byte[] haystack) => _byName
        .Where(secret => FormsOf(secret.Value).Any(form => haystack.AsSpan().IndexOf(form) >= 0))
        .Select(secret => secret.Key);

    private static IEnumerable<byte[]> FormsOf(string secret)
    {
        var bytes = Encoding.UTF8.GetBytes(secret);
        yield return bytes;
        yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(bytes));
        yield return Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes).TrimEnd('='));
        yield return Encoding.Unicode.GetBytes(secret);
        yield return Encoding.UTF8.GetBytes(Uri.EscapeDataString(secret));

        // Our own keys and tokens are base64url of random bytes, which a program could as well write raw.
        var text = secret[(secret.IndexOf('_', StringComparison.Ordinal) is var at and 3 ? at + 1 : 0)..];
        if (text.Length == 43 && Base64Url.IsValid(text))
        {
            var raw = Base64Url.DecodeFromChars(text);
            yield return raw;
            yield return Encoding.ASCII.GetBytes(Convert.ToHexStringLower(raw));
        }
    }
}
