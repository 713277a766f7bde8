using System.Buffers;
using System.Collections.Frozen;

namespace Drover.Core.Redaction;

/// <summary>
/// Knows values that are no secrets: placeholders, what others redacted already, and the prose of error messages.
/// </summary>
internal static class SecretValues
{
    private const int LongestHarmless = 64;
    private const int MaxAxisName = 12;

    private static readonly SearchValues<char> LettersAndDash =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'-");

    private static readonly SearchValues<char> VariableName =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789");
    private static readonly SearchValues<char> NotInAName = SearchValues.Create("<>{}[]\"'@");
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789.");

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Words = new[]
    {
        "null", "none", "nil", "undefined", "true", "false", "yes", "no", "redacted", "filtered", "masked", "hidden",
        "n/a", "empty",
        "unset", "required", "optional", "missing", "invalid", "expired", "bearer", "basic", "digest", "string", "ok",
        "revoked", "unchanged",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> ProseStarts = new[]
    {
        "too", "must", "is", "was", "are", "not", "no", "permission", "invalid", "expired", "missing", "required",
        "unauthorized",
        "failed", "cannot", "can't", "should", "wrong", "incorrect", "does", "has", "have", "unable", "error",
        "mismatch", "denied",
        "unexpected", "access", "signature", "the", "a", "an", "user", "authentication", "could", "context",
        "connection", "rpc",
        "open", "read", "stat", "dial", "got", "expected", "field", "value", "minimum", "length", "at", "contains",
        "this", "your",
        "when", "for", "from", "to", "of", "with", "please", "using", "use", "in", "it", "we", "only", "unknown",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True for a whole value that hides nothing.</summary>
    public static bool IsHarmless(ReadOnlySpan<char> value, SecretKind kind)
    {
        value = value.Trim();
        if (value.Length > LongestHarmless)
        {
            return false;
        }

        return value.IsEmpty
            || value.Trim("*").IsEmpty
            || (value.Length > 2 && value.Trim("xX").IsEmpty)
            || value.Trim(".-?_").IsEmpty
            || Words.Contains(value)
            || IsPlaceholder(value)
            || (kind is SecretKind.Token or SecretKind.Session && IsSmallNumber(value))
            || (kind is SecretKind.Session && value.StartsWith("0x", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>True when what follows a colon reads like the rest of a sentence and not like a value.</summary>
    public static bool IsProse(ReadOnlySpan<char> word, ReadOnlySpan<char> rest, SecretKind kind)
    {
        var bare = word.TrimEnd(".,;:!");
        if (ProseStarts.Contains(bare))
        {
            return true;
        }

        if (kind is SecretKind.Password)
        {
            return false;
        }

        var equals = bare.IndexOf('=');
        if (equals > 0 && equals < bare.TrimEnd('=').Length && !bare[..equals].ContainsAnyExcept(LettersAndDash))
        {
            // "token: seconds=3607" has a pair of its own for a value, which is looked at by its own key.
            return true;
        }

        if (bare.ContainsAnyExcept(LettersAndDash))
        {
            return false;
        }

        // A token of letters only, and another such word after it: "invalid token: signature has expired".
        var next = rest.TrimStart(' ');
        var end = next.IndexOf(' ');
        var nextWord = (end < 0 ? next : next[..end]).TrimEnd(".,;:!");
        return rest.StartsWith(" ") && !nextWord.IsEmpty && !nextWord.ContainsAnyExcept(LettersAndDash);
    }

    /// <summary>True for the inside of a list such as <c>[batch, 128]</c>: the shape of a tensor, or places in a
    /// text, which programs that count tokens print.</summary>
    public static bool IsShape(ReadOnlySpan<char> items)
    {
        var hasNumber = false;
        foreach (var range in items.Split(','))
        {
            var item = items[range].Trim();
            var isNumber = !item.IsEmpty && IsSmallNumber(item);
            hasNumber |= isNumber;
            if (!isNumber && (item.Length is 0 or > MaxAxisName || item.ContainsAnyExcept(LettersAndDash)))
            {
                return false;
            }
        }

        return hasNumber;
    }

    private static bool IsPlaceholder(ReadOnlySpan<char> value)
    {
        if (value is "%s" or "%v" or "%q" or "%d" or "{}")
        {
            return true;
        }

        var inner = value switch
        {
            ['$', '{', .. var name, '}'] => name,
            ['{', '{', .. var name, '}', '}'] => name,
            ['$', '(', .. var name, ')'] => name,
            ['<', .. var name, '>'] => name,
            ['[', .. var name, ']'] when Words.Contains(name) || name is "token" => name,
            ['(', .. var name, ')'] when Words.Contains(name) => name,
            ['{', .. var name, '}'] when !name.ContainsAnyExceptInRange('0', '9') => name,
            ['$', .. var name] when !name.ContainsAnyExcept(VariableName) => name,
            _ => [],
        };
        return !inner.IsEmpty && !inner.ContainsAny(NotInAName);
    }

    private static bool IsSmallNumber(ReadOnlySpan<char> value) =>
        value.Length <= 5 && !value.ContainsAnyExcept(NumberCharacters);
}
