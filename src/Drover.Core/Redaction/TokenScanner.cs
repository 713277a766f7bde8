using System.Buffers;

namespace Drover.Core.Redaction;

/// <summary>
/// Finds tokens that show by their own shape what they are: cloud keys, tokens of well-known services, our own, JSON
/// Web Tokens (RFC 7519), and what follows <c>Bearer</c> (RFC 6750) or <c>Basic</c> (RFC 7617).
/// </summary>
internal static class TokenScanner
{
    private const int MinBearer = 8;
    private const int MaxBasic = 1024;

    private static readonly SearchValues<char> UpperAndDigits =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    private static readonly SearchValues<char> Base64Url =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    private static readonly SearchValues<char> Dotted =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    private static readonly SearchValues<char> Bearer =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=");

    // Prefix, least and most characters after it, and which. Sources: each vendor's page on its token format.
    private static readonly Shape[] Shapes =
    [
        new("AKIA", 16, 16, UpperAndDigits),
        new("ASIA", 16, 16, UpperAndDigits),
        new("AIza", 35, 35, Base64Url),
        new("ghp_", 30, 255, Base64Url),
        new("gho_", 30, 255, Base64Url),
        new("ghu_", 30, 255, Base64Url),
        new("ghs_", 30, 255, Base64Url),
        new("ghr_", 30, 255, Base64Url),
        new("github_pat_", 22, 255, Base64Url),
        new("glpat-", 20, 255, Dotted),
        new("xoxa-", 10, 255, Base64Url),
        new("xoxb-", 10, 255, Base64Url),
        new("xoxe-", 10, 255, Base64Url),
        new("xoxp-", 10, 255, Base64Url),
        new("xoxr-", 10, 255, Base64Url),
        new("xoxs-", 10, 255, Base64Url),
        new("xapp-", 10, 255, Base64Url),
        new("sk_live_", 16, 255, Base64Url),
        new("sk_test_", 16, 255, Base64Url),
        new("rk_live_", 16, 255, Base64Url),
        new("whsec_", 24, 255, Base64Url),
        new("sk-", 32, 255, Base64Url),
        new("npm_", 36, 36, Base64Url),
        new("pypi-AgEI", 30, 512, Base64Url),
        new("dckr_pat_", 20, 255, Base64Url),
        new("hvs.", 24, 255, Dotted),
        new("hf_", 30, 64, Base64Url),
        new("ya29.", 20, 2048, Dotted),
        new("SG.", 40, 255, Dotted),
        new("shpat_", 32, 64, Base64Url),
        new("dop_v1_", 64, 64, Base64Url),
        new("AGE-SECRET-KEY-1", 20, 128, UpperAndDigits),
        new("dra_", 43, 43, Base64Url),
        new("dre_", 43, 43, Base64Url),
        new("drl_", 43, 43, Base64Url),
    ];

    private static readonly SearchValues<char> FirstLetters =
        SearchValues.Create(Shapes.Select(shape => shape.Prefix[0]).Concat("eBb").Distinct().ToArray());

    /// <summary>Looks at the letter at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        var startsWord = position == 0 || !(char.IsAsciiLetterOrDigit(text[position - 1]) || text[position - 1] is '_');
        if (!startsWord || !FirstLetters.Contains(text[position]))
        {
            return false;
        }

        return text[position] switch
        {
            'e' => TryFindJwt(text, position, out found),
            'B' or 'b' => TryFindScheme(text, position, out found),
            _ => TryFindShape(text, position, out found),
        };
    }

    private static bool TryFindShape(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        var rest = text[position..];
        foreach (var shape in Shapes)
        {
            if (rest[0] == shape.Prefix[0] && rest.StartsWith(shape.Prefix, StringComparison.Ordinal))
            {
                var length = Run(rest[shape.Prefix.Length..], shape.Letters, shape.Most + 1);
                var body = rest.Slice(shape.Prefix.Length, length).TrimEnd('.');
                var isKebabWord = shape.Prefix is "sk-" && !body.ContainsAnyInRange('0', '9');
                if (body.Length >= shape.Least && length <= shape.Most && !isKebabWord)
                {
                    found = new SecretSpan(position, position + shape.Prefix.Length + body.Length);
                    return true;
                }
            }
        }

        found = default;
        return false;
    }

    private static bool TryFindJwt(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        var rest = text[position..];
        if (!rest.StartsWith("eyJ"))
        {
            return false;
        }

        var header = Run(rest, Base64Url, rest.Length);
        if (header < 10 || header >= rest.Length || rest[header] is not '.')
        {
            return false;
        }

        var payload = Run(rest[(header + 1)..], Base64Url, rest.Length);
        var end = header + 1 + payload;
        if (payload < 2 || end >= rest.Length || rest[end] is not '.')
        {
            return false;
        }

        var signature = Run(rest[(end + 1)..], Base64Url, rest.Length);
        found = new SecretSpan(position, position + end + 1 + signature);
        return true;
    }

    private static bool TryFindScheme(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        var rest = text[position..];
        if (rest.StartsWith("bearer ", StringComparison.OrdinalIgnoreCase))
        {
            var word = rest.Slice(7, Run(rest[7..], Bearer, rest.Length)).TrimEnd('.');
            var isParameter = word.IndexOf('=') is var equals and >= 0 && equals < word.TrimEnd('=').Length;
            var looksRandom = word.ContainsAnyInRange('0', '9') || word.Length >= 32;
            found = new SecretSpan(position + 7, position + 7 + word.Length);
            return word.Length >= MinBearer && looksRandom && !isParameter;
        }

        if (rest.StartsWith("basic ", StringComparison.OrdinalIgnoreCase))
        {
            var word = rest.Slice(6, Run(rest[6..], Bearer, MaxBasic));
            found = new SecretSpan(position + 6, position + 6 + word.Length);
            return HoldsUserAndPassword(word);
        }

        return false;
    }

    /// <summary>True for base64 of <c>user:password</c> (RFC 7617).</summary>
    public static bool HoldsUserAndPassword(ReadOnlySpan<char> word)
    {
        Span<byte> decoded = stackalloc byte[MaxBasic];
        return word.Length >= 8
            && word.Length % 4 == 0
            && Convert.TryFromBase64Chars(word, decoded, out var written)
            && decoded[..written].IndexOf((byte)':') > 0
            && !decoded[..written].ContainsAnyInRange((byte)0, (byte)0x1f);
    }

    private static int Run(ReadOnlySpan<char> text, SearchValues<char> letters, int most)
    {
        var window = text[..Math.Min(text.Length, most)];
        var end = window.IndexOfAnyExcept(letters);
        return end < 0 ? window.Length : end;
    }

    private sealed record Shape(string Prefix, int Least, int Most, SearchValues<char> Letters);
}
