using System.Text;
using Drover.Core.Redaction;

namespace Drover.Core.Audit;

/// <summary>
/// What may stand in a field of the audit: text that every database gives back byte for byte and every terminal prints
/// on one line. Strangers choose some of it.
/// </summary>
public static class AuditText
{
    /// <summary>Longest name or target.</summary>
    public const int LongestName = 200;

    /// <summary>Longest detail.</summary>
    public const int LongestDetail = 1000;

    private const int LongestValue = 300;
    private const char Replacement = '\ufffd';

    /// <summary>The text with control characters and broken surrogates replaced, cut to a length.</summary>
    public static string Clean(string text, int longest)
    {
        var cut = text.Length > longest ? text[..longest] : text;
        return IsClean(cut) ? cut : Replaced(cut);
    }

    /// <summary>
    /// <c>name=value; name=value</c>, what is null left out. Values pass the redactor: a person's free text ends in a
    /// table that is never pruned.
    /// </summary>
    public static string Pairs(params ReadOnlySpan<(string Name, string? Value)> pairs)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in pairs)
        {
            if (value is { Length: > 0 })
            {
                text.Append(text.Length > 0 ? "; " : "").Append(name).Append('=')
                    .Append(Clean(SecretRedactor.Redact(value).Text, LongestValue));
            }
        }

        return Clean(text.ToString(), LongestDetail);
    }

    private static bool IsClean(string text)
    {
        for (var index = 0; index < text.Length; index++)
        {
            if (!Rune.TryGetRuneAt(text, index, out var rune) || Rune.IsControl(rune))
            {
                return false;
            }

            index += rune.Utf16SequenceLength - 1;
        }

        return true;
    }

    private static string Replaced(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            // A broken surrogate is enumerated as the replacement character already.
            clean.Append(Rune.IsControl(rune) ? Replacement.ToString() : rune.ToString());
        }

        return clean.ToString();
    }
}
