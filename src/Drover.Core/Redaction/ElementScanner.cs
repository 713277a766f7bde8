namespace Drover.Core.Redaction;

/// <summary>
/// Finds the text of an XML element whose name says that it is secret: <c>&lt;password&gt;x&lt;/password&gt;</c>.
/// </summary>
internal static class ElementScanner
{
    private const int MaxText = 4096;

    /// <summary>Looks at the end of a start tag at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        var start = position;
        while (start > 0
            && position - start < SecretKeys.MaxLength
            && (char.IsAsciiLetterOrDigit(text[start - 1]) || text[start - 1] is '_' or '-' or '.' or ':'))
        {
            start--;
        }

        if (start == 0
            || text[start - 1] is not '<'
            || SecretKeys.Classify(text[start..position]) is not (SecretKind.Password or SecretKind.Token))
        {
            return false;
        }

        var window = text[(position + 1)..Math.Min(text.Length, position + 1 + MaxText)];
        var length = window.IndexOf("</");
        found = new SecretSpan(position + 1, length < 0 ? position + 1 : position + 1 + length);
        return !SecretValues.IsHarmless(text[found.Start..found.End], SecretKind.Password);
    }
}
