namespace Drover.Core.Redaction;

/// <summary>
/// Finds the secret value of a pair at its separator: <c>key=value</c>, <c>key: value</c>, <c>"key":"value"</c>,
/// <c>key =&gt; value</c>, <c>key := value</c>, form fields <c>user[key]=value</c>, and headers.
/// </summary>
internal static class PairScanner
{
    private const int MaxSpaces = 8;
    private const int MaxAnnounced = 96;

    /// <summary>Looks at the separator (<c>=</c> or <c>:</c>) at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        if (IsOperator(text, position))
        {
            return false;
        }

        if (TryFindAnnounced(text, position, out found))
        {
            return true;
        }

        if (!TryReadKey(text, position, out var key))
        {
            return false;
        }

        var kind = ClassifyKey(text, key, text[position]);
        if (kind is SecretKind.None)
        {
            return false;
        }

        var start = ValueStart(text, position);
        return start < text.Length
            && !IsEmptyValue(text, position, start)
            && ValueScanner.TryFind(
                text, start, new PairContext(key, kind, text[position], start - position > 1), out found);
    }

    /// <summary>
    /// Looks at the end of an arrow at <paramref name="position"/>: <c>password-&gt;x</c>, which is how some programs
    /// print a pair. Others reach a member so: what is called, reached through or a variable is left alone.
    /// </summary>
    public static bool TryFindArrow(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        if (position == 0 || text[position - 1] is not '-'
            || !TryReadKey(text, position - 1, out var key)
            || (key.Start > 0 && text[key.Start - 1] is '$' or '/' or '>' or '@')
            || ClassifyKey(text, key, '=') is not SecretKind.Password)
        {
            return false;
        }

        var start = ValueStart(text, position);
        return start < text.Length
            && ValueScanner.TryFind(text, start, new PairContext(key, SecretKind.Password, ':', start - position > 1),
                out found)
            && !text[found.Start..found.End].Contains('(')
            && text[found.Start..found.End].IndexOf("->") < 0;
    }

    // "A temporary password is generated for root@localhost: Yt7!kq": the last word of a line that speaks of a
    // password.
    private static bool TryFindAnnounced(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        var start = position + 2;
        if (text[position] is not ':'
            || start >= text.Length
            || text[position + 1] is not ' '
            || text.Length - start > MaxAnnounced)
        {
            return false;
        }

        var value = text[start..].TrimEnd();
        var before = text[Math.Max(0, position - MaxAnnounced)..position];
        var looksRandom = value.Length >= 8 && !value.Contains(' ') && value.ContainsAnyInRange('0', '9')
            && (value.ContainsAnyInRange('a', 'z') || value.ContainsAnyInRange('A', 'Z'))
            && (char.IsAsciiLetterOrDigit(value[0]) || char.IsPunctuation(value[0]));
        if (!looksRandom || !before.Contains("password is generated", StringComparison.OrdinalIgnoreCase)
            && !before.Contains("generated password", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        found = new SecretSpan(start, start + value.Length);
        return true;
    }

    private static bool IsOperator(ReadOnlySpan<char> text, int position)
    {
        var next = position + 1 < text.Length ? text[position + 1] : '\0';
        var previous = position > 0 ? text[position - 1] : '\0';
        return text[position] is ':' ? next is ':' || previous is ':' : next is '=' || previous is '=' or ':' or '!';
    }

    private static bool TryReadKey(ReadOnlySpan<char> text, int position, out PairKey key)
    {
        var end = position;
        while (end > 0 && position - end < MaxSpaces && text[end - 1] is ' ' or '\t')
        {
            end--;
        }

        var spaced = end < position;
        var quoted = end > 0 && text[end - 1] is '"' or '\'' or '`';
        end -= quoted ? 1 : 0;
        end -= quoted && end > 0 && text[end - 1] is '\\' ? 1 : 0;
        end -= !quoted && end > 0 && text[end - 1] is ']' ? 1 : 0;

        var start = end;
        while (start > 0 && end - start < SecretKeys.MaxLength && IsKeyChar(text[start - 1]))
        {
            start--;
        }

        key = new PairKey(start, end, quoted, spaced);
        return end - start >= SecretKeys.MinLength;
    }

    private static SecretKind ClassifyKey(ReadOnlySpan<char> text, PairKey key, char separator)
    {
        var name = text[key.Start..key.End];
        var kind = SecretKeys.Classify(name);
        if (kind is SecretKind.None)
        {
            return IsSpacedKey(text, key, name) ? SecretKind.Token : SecretKind.None;
        }

        if (kind is SecretKind.QuerySignature)
        {
            return key.IsQuery(text) ? kind : SecretKind.None;
        }

        // "c.e.security.JwtTokenProvider : Generated ...": the logger's name, not a key.
        var looksLikeType = separator is ':' && !key.Quoted && name[^1] is not '.'
            && char.IsAsciiLetterUpper(name[name.LastIndexOf('.') + 1])
            && (name.Contains('.') || !SecretKeys.EndsInSecretWord(name)) && !name.ContainsAny("_-")
            && name.ContainsAnyInRange('a', 'z');
        return looksLikeType || IsUserOfUrl(text, key) || FollowsParserWord(text, key) || IsServiceOfPam(text, key)
            ? SecretKind.None
            : kind;
    }

    // "pam_unix(passwd:chauthtok)": a PAM module names the service and what it was called for.
    private static bool IsServiceOfPam(ReadOnlySpan<char> text, PairKey key)
    {
        if (key.Start == 0 || text[key.Start - 1] is not '(')
        {
            return false;
        }

        var start = key.Start - 1;
        while (start > 0 && key.Start - start < SecretKeys.MaxLength && IsKeyChar(text[start - 1]))
        {
            start--;
        }

        return text[start..key.Start].StartsWith("pam_");
    }

    // https://token:***@host: what the colon separates there is the URL scanner's to judge.
    private static bool IsUserOfUrl(ReadOnlySpan<char> text, PairKey key) => text[..key.Start].EndsWith("://");

    // "Unexpected token: punc" is a parser's word for a piece of source text.
    private static bool FollowsParserWord(ReadOnlySpan<char> text, PairKey key) =>
        text[..key.Start].EndsWith("unexpected ", StringComparison.OrdinalIgnoreCase)
        || text[..key.Start].EndsWith("unrecognized ", StringComparison.OrdinalIgnoreCase);

    private static bool IsSpacedKey(ReadOnlySpan<char> text, PairKey key, ReadOnlySpan<char> name)
    {
        if (!name.Equals("key", StringComparison.OrdinalIgnoreCase) || key.Start < 2 || text[key.Start - 1] is not ' ')
        {
            return false;
        }

        var end = key.Start - 1;
        var start = end;
        while (start > 0 && end - start < SecretKeys.MaxLength && IsKeyChar(text[start - 1]))
        {
            start--;
        }

        return SecretKeys.QualifiesKey(text[start..end]);
    }

    private static int ValueStart(ReadOnlySpan<char> text, int position)
    {
        var start = position + 1;
        if (start < text.Length && text[start] == (text[position] is '=' ? '>' : '='))
        {
            start++;
        }

        var limit = Math.Min(text.Length, start + MaxSpaces);
        while (start < limit && text[start] is ' ' or '\t')
        {
            start++;
        }

        return start;
    }

    // logfmt writes an empty value as "password= user=bob": what comes after the space is another pair.
    private static bool IsEmptyValue(ReadOnlySpan<char> text, int position, int start) =>
        text[position] is '='
            && text[position + 1] is ' ' or '\t'
            && position > 0
            && text[position - 1] is not (' ' or '\t');

    private static bool IsKeyChar(char value) => char.IsAsciiLetterOrDigit(value) || value is '_' or '-' or '.';
}

/// <summary>Where a pair's key stands and how it is written.</summary>
internal readonly record struct PairKey(int Start, int End, bool Quoted, bool Spaced)
{
    /// <summary>True when the pair stands in the query of a URL or in a form.</summary>
    public bool IsQuery(ReadOnlySpan<char> text) => Start > 0 && text[Start - 1] is '?' or '&';
}

/// <summary>What the key and separator say of the value after them.</summary>
internal readonly record struct PairContext(PairKey Key, SecretKind Kind, char Separator, bool SpaceBeforeValue);
