using System.Text;

namespace Drover.Core.Redaction;

/// <summary>
/// Takes secrets out of a line before it leaves the host: values of keys that name one (<c>DB_PASSWORD=</c>,
/// <c>"api_key":</c>, <c>--token X</c>, headers, cookies), passwords in URLs, private keys, and tokens known by their
/// own shape (AWS, GitHub, Slack, Google, Stripe, JWT, Drover). Only the value goes; the rest of the line stays
/// readable. Pure and linear in the length of the line, never throws, and redacting twice changes nothing. A key that
/// spans lines needs a <see cref="LogRedactor"/>, which remembers where it is.
/// </summary>
public static class SecretRedactor
{
    /// <summary>What stands in place of a secret.</summary>
    public const string Mask = "***";

    // One pass almost always reaches the fixed point. A replacement can bring a key and a value together that were
    // apart; the bound only guards against a rule that would feed itself.
    private const int MaxPasses = 4;

    /// <summary>Redacts one line (or any text without regard to lines before it).</summary>
    public static RedactedText Redact(string line)
    {
        var redacted = false;
        for (var pass = 0; pass < MaxPasses; pass++)
        {
            var next = OnePass(line);
            if (next is null)
            {
                break;
            }

            redacted = true;
            line = next;
        }

        return new RedactedText(line, redacted);
    }

    /// <summary>
    /// Redacts the value of a pair whose key is known (a label, an environment variable): whole when the key names a
    /// secret, else by what is found in it.
    /// </summary>
    public static RedactedText RedactValue(string key, string value)
    {
        var kind = SecretKeys.Classify(key);
        return kind is SecretKind.None or SecretKind.QuerySignature || SecretValues.IsHarmless(value, kind)
            || (kind is SecretKind.Basic && !TokenScanner.HoldsUserAndPassword(value))
            ? Redact(value)
            : new RedactedText(Mask, true);
    }

    private static string? OnePass(string line)
    {
        var text = line.AsSpan();
        StringBuilder? builder = null;
        var copied = 0;
        var position = 0;
        while (position < text.Length)
        {
            if (!TryFind(text, position, out var found))
            {
                position++;
                continue;
            }

            builder ??= new StringBuilder(line.Length);
            builder.Append(text[copied..found.Start]).Append(Mask);
            copied = found.End;
            position = Math.Max(found.End, position + 1);
        }

        return builder?.Append(text[copied..]).ToString();
    }

    private static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        switch (text[position])
        {
            case ':':
                return UrlScanner.TryFind(text, position, out found) || PairScanner.TryFind(text, position, out found);
            case '=':
                return PairScanner.TryFind(text, position, out found);
            case '>':
                return ElementScanner.TryFind(text, position, out found)
                    || PairScanner.TryFindArrow(text, position, out found);
            case '-':
                return PemScanner.TryFind(text, position, out found)
                    || FlagScanner.TryFind(text, position, out found)
                    || UserFlagScanner.TryFind(text, position, out found);
            case var letter when char.IsAsciiLetter(letter):
                return TokenScanner.TryFind(text, position, out found) || SqlScanner.TryFind(text, position, out found);
            default:
                found = default;
                return false;
        }
    }
}

/// <summary>Where a secret stands in a line: from <paramref name="Start"/> to before <paramref name="End"/>.</summary>
internal readonly record struct SecretSpan(int Start, int End);
