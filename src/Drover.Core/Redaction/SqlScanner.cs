namespace Drover.Core.Redaction;

/// <summary>Finds passwords that SQL statements carry: <c>PASSWORD 'x'</c> and <c>IDENTIFIED BY 'x'</c>.</summary>
internal static class SqlScanner
{
    private static readonly string[] Phrases = ["password '", "identified by '", "identified by password '"];

    /// <summary>Looks at the word that begins at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        if (text[position] is not ('p' or 'P' or 'i' or 'I')
            || (position > 0 && char.IsAsciiLetterOrDigit(text[position - 1])))
        {
            return false;
        }

        foreach (var phrase in Phrases)
        {
            if (text[position..].StartsWith(phrase, StringComparison.OrdinalIgnoreCase))
            {
                var start = position + phrase.Length;
                var length = text[start..].IndexOf('\'');
                found = new SecretSpan(start, length < 0 ? text.Length : start + length);
                return !SecretValues.IsHarmless(text[found.Start..found.End], SecretKind.Password);
            }
        }

        return false;
    }
}
