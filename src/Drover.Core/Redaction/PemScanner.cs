namespace Drover.Core.Redaction;

/// <summary>Finds the body of a private key in PEM form (RFC 7468) as far as it stands in one line.</summary>
internal static class PemScanner
{
    private const string Begin = "-----BEGIN ";
    private const string EndMark = "-----END ";
    private const string Dashes = "-----";
    private const int MaxLabel = 48;

    /// <summary>Looks at the first dash of <c>-----BEGIN</c> at <paramref name="position"/>.</summary>
    public static bool TryFind(ReadOnlySpan<char> text, int position, out SecretSpan found)
    {
        found = default;
        var body = BodyStart(text[position..]);
        if (body < 0)
        {
            return false;
        }

        var length = text[(position + body)..].IndexOf(EndMark);
        found = new SecretSpan(position + body, length < 0 ? text.Length : position + body + length);
        return !SecretValues.IsHarmless(text[found.Start..found.End], SecretKind.Password);
    }

    /// <summary>True when a private key begins in this line and does not end in it.</summary>
    public static bool LeavesOpen(ReadOnlySpan<char> text)
    {
        var begin = text.LastIndexOf(Begin);
        return begin >= 0 && BodyStart(text[begin..]) >= 0 && text[begin..].IndexOf(EndMark) < 0;
    }

    /// <summary>Where a line that ends a key's body has its end mark, or -1.</summary>
    public static int EndOf(ReadOnlySpan<char> text) => text.IndexOf(EndMark);

    private static int BodyStart(ReadOnlySpan<char> text)
    {
        if (!text.StartsWith(Begin))
        {
            return -1;
        }

        var label = text[Begin.Length..Math.Min(text.Length, Begin.Length + MaxLabel)];
        var end = label.IndexOf(Dashes);
        return end >= 0 && label[..end].Contains("PRIVATE KEY", StringComparison.Ordinal)
            ? Begin.Length + end + Dashes.Length
            : -1;
    }
}
