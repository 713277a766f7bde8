namespace Drover.Core.Redaction;

/// <summary>
/// Finds the value of a secret option on a command line: <c>--password VALUE</c>, <c>-password VALUE</c>, and the
/// same as elements of a JSON array. Short options are left alone: <c>-p</c> means a port as often as a password.
/// </summary>
internal static class FlagScanner
{
    /// <summary>Looks at the first dash at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        if (position > 0 && text[position - 1] is not (' ' or '\t' or '"' or '\'' or '[' or '(' or ',' or '`'))
        {
            return false;
        }

        var start = position + 1;
        start += start < text.Length && text[start] is '-' ? 1 : 0;
        var end = start;
        while (end < text.Length
            && end - start < SecretKeys.MaxLength
            && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '-' or '_' or '.'))
        {
            end++;
        }

        if (end - start < SecretKeys.MinLength
            || SecretKeys.Classify(text[start..end]) is not (SecretKind.Password or SecretKind.Token))
        {
            return false;
        }

        var value = SkipToValue(text, end);
        if (value < 0 || value >= text.Length || text[value] is '-')
        {
            return false;
        }

        var pair =
            new PairContext(new PairKey(start, end, Quoted: false, Spaced: false), SecretKind.Password, '=', true);
        return ValueScanner.TryFind(text, value, pair, out found);
    }

    /// <summary>Where the value of the option that ends at <paramref name="end"/> begins, or -1.</summary>
    public static int SkipToValue(ReadOnlySpan<char> text, int end)
    {
        var index = end;
        if (index < text.Length && text[index] is '"' or '\'')
        {
            // ["--password", "x"]
            index++;
            if (index >= text.Length || text[index] is not ',')
            {
                return -1;
            }

            index++;
        }

        var spaces = index;
        while (index < text.Length && text[index] is ' ' or '\t')
        {
            index++;
        }

        var isArray = spaces > end;
        return isArray || index > spaces ? index : -1;
    }
}
