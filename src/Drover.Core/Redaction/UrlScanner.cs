using System.Buffers;

namespace Drover.Core.Redaction;

/// <summary>
/// Finds the password of a URL's userinfo (RFC 3986 3.2.1) and the secret path of well-known webhook URLs.
/// </summary>
internal static class UrlScanner
{
    private const int MaxUserInfo = 512;
    private const int MinHexKey = 16;
    private const int MinMixedKey = 20;

    private static readonly SearchValues<char> HexAndDash = SearchValues.Create("0123456789abcdefABCDEF-");

    private static readonly SearchValues<char> UrlEnds = SearchValues.Create(" \t\"'<>`");
    private static readonly string[] Webhooks =
        ["hooks.slack.com/services/", "discord.com/api/webhooks/", "outlook.office.com/webhook/"];

    /// <summary>Looks at the colon of <c>://</c> at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        if (!text[position..].StartsWith("://") || position == 0 || !char.IsAsciiLetterOrDigit(text[position - 1]))
        {
            return false;
        }

        var start = position + 3;
        var rest = text[start..Math.Min(text.Length, start + MaxUserInfo)];
        var end = rest.IndexOfAny(UrlEnds);
        rest = end < 0 ? rest : rest[..end];
        if (TryFindWebhook(rest, start, out found))
        {
            return true;
        }

        var authority = rest.IndexOfAny("/?#") is var slash and >= 0 ? rest[..slash] : rest;
        var colon = authority.IndexOf(':');
        var at = authority.LastIndexOf('@');
        if (colon >= 0 && at < 0 && authority[(colon + 1)..].ContainsAnyExceptInRange('0', '9'))
        {
            // A password with a raw slash: what follows the colon is no port.
            at = rest.IndexOf('@');
        }

        if (at > 0 && (colon < 0 || colon > at) && LooksLikeKey(authority[..at]))
        {
            // https://KEY@o1.ingest.sentry.io/1: the user is the secret.
            found = new SecretSpan(start, start + at);
            return true;
        }

        if (colon < 0 || at <= colon + 1)
        {
            return false;
        }

        found = new SecretSpan(start + colon + 1, start + at);
        return !SecretValues.IsHarmless(text[found.Start..found.End], SecretKind.Password);
    }

    // A name has words; a key is long and has none: hexadecimal, or both cases and digits mixed.
    private static bool LooksLikeKey(ReadOnlySpan<char> user)
    {
        var hasDigit = user.ContainsAnyInRange('0', '9');
        var hasLower = user.ContainsAnyInRange('a', 'z');
        var hasUpper = user.ContainsAnyInRange('A', 'Z');
        var isHex = user.Length >= MinHexKey && !user.ContainsAnyExcept(HexAndDash) && (hasLower || hasUpper);
        var isMixed = user.Length >= MinMixedKey && hasLower && hasUpper && !user.ContainsAny('.', '%', '+');
        return hasDigit && (isHex || isMixed);
    }

    private static bool TryFindWebhook(ReadOnlySpan<char> rest, int start, out SecretSpan found)
    {
        foreach (var webhook in Webhooks)
        {
            if (rest.Length > webhook.Length && rest.StartsWith(webhook, StringComparison.OrdinalIgnoreCase))
            {
                var secret = rest[webhook.Length..].TrimEnd(",;.)]}");
                found = new SecretSpan(start + webhook.Length, start + webhook.Length + secret.Length);
                return !SecretValues.IsHarmless(secret, SecretKind.Password);
            }
        }

        found = default;
        return false;
    }
}
