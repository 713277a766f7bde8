namespace Drover.Core.Redaction;

/// <summary>Finds how far the value of a secret key reaches, and whether it is a secret at all.</summary>
internal static class ValueScanner
{
    private const int MaxWrapper = 32;
    private const int MaxSchemeLength = 24;
    private const int MaxHeader = 8192;
    private const int MaxObject = 512;
    private const int MinTokenInObject = 6;

    /// <summary>Looks at the value that begins at <paramref name="start"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int start, PairContext pair, out SecretSpan found)
    {
        start = SkipWrapper(text, start);
        var span = text[start] switch
        {
            '"' or '\'' or '`' => Quoted(text, start),
            '\\' when start + 1 < text.Length && text[start + 1] is '"' or '\'' => EscapedQuoted(text, start),
            '[' => Bracketed(text, start, pair.Kind),
            '{' => InObject(text, start, pair.Kind),
            _ => Bare(text, start, pair),
        };
        if (pair.Kind is SecretKind.Authorization)
        {
            span = WithoutScheme(text, span);
        }

        found = span;
        var value = text[span.Start..span.End];
        var isShellDirectory = pair.Kind is SecretKind.Password && value.StartsWith("/")
            && text[pair.Key.Start..pair.Key.End].Equals("pwd", StringComparison.OrdinalIgnoreCase);
        var isOtherAuth = pair.Kind is SecretKind.Basic && !TokenScanner.HoldsUserAndPassword(value);
        return !value.IsEmpty && !isShellDirectory && !isOtherAuth && !SecretValues.IsHarmless(value, pair.Kind);
    }

    // Some("x"), String("x"), Secret('x'): the value is inside.
    private static int SkipWrapper(ReadOnlySpan<char> text, int start)
    {
        var index = start;
        while (index < text.Length
            && index - start < MaxWrapper
            && (char.IsAsciiLetterOrDigit(text[index]) || text[index] is '&' or '_'))
        {
            index++;
        }

        var wrapped =
            index > start && index + 1 < text.Length && text[index] is '(' && text[index + 1] is '"' or '\'' or '\\';
        return wrapped ? index + 1 : start;
    }

    private static SecretSpan Quoted(ReadOnlySpan<char> text, int start)
    {
        var quote = text[start];
        var end = start + 1;
        while (end < text.Length && text[end] != quote)
        {
            end += text[end] is '\\' && end + 1 < text.Length ? 2 : 1;
        }

        return new SecretSpan(start + 1, Math.Min(end, text.Length));
    }

    // JSON inside a JSON string: \"password\":\"x\"
    private static SecretSpan EscapedQuoted(ReadOnlySpan<char> text, int start)
    {
        var length = text[(start + 2)..].IndexOf(text.Slice(start, 2));
        return new SecretSpan(start + 2, length < 0 ? text.Length : start + 2 + length);
    }

    // {"Password":{"type":"plain","value":"x"}}: the object's own value, when it says so.
    private static SecretSpan InObject(ReadOnlySpan<char> text, int start, SecretKind kind)
    {
        var none = new SecretSpan(start, start);
        var window = text[start..Math.Min(text.Length, start + MaxObject)];
        var close = window.IndexOf('}');
        var name = (close < 0 ? window : window[..close]).IndexOf("value\"", StringComparison.OrdinalIgnoreCase);
        name = name < 0 ? window.IndexOf("value\\\"", StringComparison.OrdinalIgnoreCase) : name;
        if (name < 1 || window[name - 1] is not '"')
        {
            return none;
        }

        var at = start + name + "value".Length;
        while (at < text.Length && text[at] is '\\' or '"' or ' ' or ':' && !BeginsText(text, at))
        {
            at++;
        }

        if (at >= text.Length)
        {
            return none;
        }

        var found = text[at] is '\\' ? EscapedQuoted(text, at) : text[at] is '"' ? Quoted(text, at) : none;
        return kind is SecretKind.Password || found.End - found.Start >= MinTokenInObject ? found : none;
    }

    private static bool BeginsText(ReadOnlySpan<char> text, int at) =>
        text[at] is '\\' or '"' && text[..at].TrimEnd(' ').EndsWith(":");

    private static SecretSpan Bracketed(ReadOnlySpan<char> text, int start, SecretKind kind)
    {
        var length = text[start..].IndexOf(']');
        if (length > 0 && kind is SecretKind.Token && SecretValues.IsShape(text.Slice(start + 1, length - 1)))
        {
            return new SecretSpan(start, start);
        }

        var whole = new SecretSpan(start, length < 0 ? text.Length : start + length + 1);
        return SecretValues.IsHarmless(text[whole.Start..whole.End], SecretKind.Password)
            ? new SecretSpan(start, start)
            : new SecretSpan(start + 1, length < 0 ? text.Length : start + length);
    }

    private static SecretSpan Bare(ReadOnlySpan<char> text, int start, PairContext pair)
    {
        var opener = pair.Key is { Start: > 0, Quoted: false } ? text[pair.Key.Start - 1] : '\0';
        if (pair.Kind is SecretKind.Cookie && pair.Separator is ':' || pair.Kind is SecretKind.Authorization)
        {
            return Header(text, start, opener, pair.Kind);
        }

        var end = start;
        while (end < text.Length && !EndsWord(text, end, opener, pair.Key.IsQuery(text)))
        {
            end++;
        }

        var word = text[start..end];
        if (pair is { Separator: ':', SpaceBeforeValue: true } && SecretValues.IsProse(word, text[end..], pair.Kind))
        {
            return new SecretSpan(start, start);
        }

        if (SecretKeys.NamesPhrase(text[pair.Key.Start..pair.Key.End])
            && (pair.SpaceBeforeValue || IsOnlyPair(text, pair)))
        {
            return new SecretSpan(start, PhraseEnd(text, end));
        }

        if (IsWholeLine(text, pair, end))
        {
            return new SecretSpan(start, end);
        }

        var trimmed = word.TrimEnd(",;.)]}>'`:");
        return new SecretSpan(start, start + (trimmed.IsEmpty ? 0 : trimmed.Length));
    }

    // A line of an .env file holds one pair and nothing else, so punctuation at its end belongs to the value.
    private static bool IsWholeLine(ReadOnlySpan<char> text, PairContext pair, int end) =>
        end == text.Length && IsOnlyPair(text, pair);

    private static bool IsOnlyPair(ReadOnlySpan<char> text, PairContext pair) =>
        pair.Separator is '=' && text[..pair.Key.Start].Trim() is [] or "export" or "ENV" or "set";

    // "passphrase: correct horse battery staple": word after word, until something that no phrase goes on with.
    private static int PhraseEnd(ReadOnlySpan<char> text, int end)
    {
        while (end + 1 < text.Length && text[end] is ' ' && char.IsAsciiLetterOrDigit(text[end + 1]))
        {
            var word = end + 1;
            while (word < text.Length && text[word] is not (' ' or '"' or '<' or '='))
            {
                word++;
            }

            if (word < text.Length && text[word] is '=')
            {
                return end;
            }

            end = word;
        }

        return end;
    }

    private static bool EndsWord(ReadOnlySpan<char> text, int index, char opener, bool inQuery)
    {
        var current = text[index];
        var next = index + 1 < text.Length ? text[index + 1] : '\0';
        return current switch
        {
            ' ' or '\t' or '"' or '<' or '\r' or '\n' => true,
            '\\' => next is 'n' or '"' or '\'',
            '\'' or '`' => opener == current,
            '&' or '#' when inQuery => true,
            ',' or ';' or '&' or '|' => next is '\0' or ' ' or '\t' or '"' or '\'' || StartsPair(text, index + 1),
            _ => false,
        };
    }

    private static bool StartsPair(ReadOnlySpan<char> text, int index)
    {
        var start = index;
        while (index < text.Length
            && index - start < SecretKeys.MaxLength
            && (char.IsAsciiLetterOrDigit(text[index]) || text[index] is '_' or '-' or '.' or '[' or ']'))
        {
            index++;
        }

        return index > start && index < text.Length && text[index] is '=' or ':';
    }

    private static SecretSpan Header(ReadOnlySpan<char> text, int start, char opener, SecretKind kind)
    {
        var closer = opener is '\'' or '`' ? opener : '"';
        if (kind is SecretKind.Cookie)
        {
            return new SecretSpan(start, IndexOrEnd(text, start, text.Length, closer));
        }

        // An Authorization header is a scheme and one word, but for the schemes that have parameters (quoted ones too).
        var limit = Math.Min(text.Length, start + MaxHeader);
        var end = IndexOrEnd(text, start, limit, closer);
        var space = IndexOrEnd(text, start, end, ' ');
        var scheme = text[start..space];
        if (scheme.StartsWith("AWS4", StringComparison.Ordinal)
            || scheme.Equals("Digest", StringComparison.OrdinalIgnoreCase))
        {
            return new SecretSpan(start, opener is '"' or '\'' or '`' ? end : limit);
        }

        var isProse = !IsScheme(scheme)
            && scheme.Length < MaxSchemeLength
            && !scheme.TrimEnd(",.;").ContainsAnyExceptInRange('a', 'z');
        if (isProse)
        {
            return new SecretSpan(start, start);
        }

        var last = IsScheme(scheme) ? IndexOrEnd(text, Math.Min(space + 1, end), end, ' ') : space;
        return new SecretSpan(start, start + text[start..last].TrimEnd(",;)]}").Length);
    }

    private static int IndexOrEnd(ReadOnlySpan<char> text, int start, int end, char value)
    {
        var length = text[start..end].IndexOf(value);
        return length < 0 ? end : start + length;
    }

    private static SecretSpan WithoutScheme(ReadOnlySpan<char> text, SecretSpan span)
    {
        var value = text[span.Start..span.End];
        var scheme = value.IndexOf(' ');
        return scheme > 0 && IsScheme(value[..scheme]) ? span with { Start = span.Start + scheme + 1 } : span;
    }

    private static bool IsScheme(ReadOnlySpan<char> name)
    {
        ReadOnlySpan<string> known =
            ["Bearer", "Basic", "Token", "Digest", "Negotiate", "ApiKey", "Bot", "AWS4-HMAC-SHA256"];
        foreach (var scheme in known)
        {
            if (name.Equals(scheme, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
