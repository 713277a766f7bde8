using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Drover.Runtime.Configuration;

namespace Drover.Runtime.Events.Webhooks;

/// <summary>
/// Signs what a webhook sends as Standard Webhooks has it, so that receivers verify with the libraries they have: an
/// HMAC-SHA256 over <c>id.timestamp.body</c>, base64 behind <c>v1,</c>; several keys give several, a space between.
/// Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
/// </summary>
/// <example>
/// key <c>whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw</c>, id <c>msg_p5jXN8AQM9LWM0D4loKWxJek</c>, timestamp
/// <c>1614265330</c>, body <c>{"test": 2432232314}</c> give
/// <c>v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=</c>.
/// </example>
public static class WebhookSignature
{
    /// <summary>What stands before the base64 of a key.</summary>
    public const string KeyPrefix = "whsec_";

    /// <summary>Octets of a key at least; the specification has 24 to 64.</summary>
    private const int LeastKeyLength = 24;

    private const int MostKeys = 4;

    /// <summary>The value of <c>webhook-signature</c>.</summary>
    /// <exception cref="ConfigurationException">The key is none; the sentence does not say it.</exception>
    public static string Sign(Secret keys, string id, DateTimeOffset sent, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var head = Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{id}.{sent.ToUnixTimeSeconds()}."));
        byte[] signed = [.. head, .. body];
        return string.Join(
            ' ', Keys(keys).Select(key => "v1," + Convert.ToBase64String(HMACSHA256.HashData(key, signed))));
    }

    /// <summary>
    /// The keys in the secret, separated by white space: the new one and the one before, while receivers change over.
    /// </summary>
    private static List<byte[]> Keys(Secret secret)
    {
        var words = secret.Reveal().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length is 0 or > MostKeys)
        {
            throw new ConfigurationException($"it holds {words.Length} keys; give it one, and {MostKeys} at most");
        }

        return [.. words.Select(KeyOf)];
    }

    private static byte[] KeyOf(string word)
    {
        var key = new byte[word.Length];
        if (!word.StartsWith(KeyPrefix, StringComparison.Ordinal)
            || !Convert.TryFromBase64String(word[KeyPrefix.Length..], key, out var length))
        {
            throw new ConfigurationException(
                $"a key is {KeyPrefix} and base64: echo {KeyPrefix}$(openssl rand -base64 32)");
        }

        return length >= LeastKeyLength
            ? key[..length]
            : throw new ConfigurationException($"a key has {LeastKeyLength} octets or more, and this one {length}");
    }
}
