namespace Drover.Core.Redaction;

/// <summary>
/// Finds the password of curl's options for a user: <c>-u user:password</c>, <c>--user</c>, <c>--proxy-user</c>. Only
/// behind the word curl: <c>docker run -u 1000:1000</c> names a user and a group.
/// </summary>
internal static class UserFlagScanner
{
    private const int MaxBefore = 1024;

    private static readonly string[] Options = ["--user", "--proxy-user", "-u", "-U"];

    /// <summary>Looks at the first dash at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        if (position == 0
            || text[position - 1] is not (' ' or '\t' or '"' or '\'' or ',')
            || ValueAt(text, position) is var start && start < 0
            || !text[Math.Max(0, position - MaxBefore)..position].Contains("curl", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var quote = start < text.Length && text[start] is '"' or '\'' ? text[start++] : '\0';
        var end = start;
        while (end < text.Length && !EndsValue(text[end], quote))
        {
            end++;
        }

        var colon = text[start..end].IndexOf(':');
        if (colon <= 0)
        {
            return false;
        }

        found = new SecretSpan(start + colon + 1, end);
        return !SecretValues.IsHarmless(text[found.Start..end], SecretKind.Password);
    }

    private static bool EndsValue(char letter, char quote) =>
        quote is '\0' ? letter is ' ' or '\t' or '"' or '\'' : letter == quote;

    private static int ValueAt(ReadOnlySpan<char> text, int position)
    {
        foreach (var option in Options)
        {
            var end = position + option.Length;
            if (end >= text.Length || !text[position..].StartsWith(option, StringComparison.Ordinal))
            {
                continue;
            }

            if (text[end] is '=' && option.Length > 2)
            {
                return end + 1;
            }

            var value = FlagScanner.SkipToValue(text, end);
            if (value >= 0 || option.Length > 2)
            {
                return value;
            }

            // -ubob:hunter2
            return char.IsAsciiLetterOrDigit(text[end]) ? end : -1;
        }

        return -1;
    }
}
