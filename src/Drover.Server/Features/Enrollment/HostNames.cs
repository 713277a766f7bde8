namespace Drover.Server.Features.Enrollment;

/// <summary>What a host may be called: it stands in tables, URLs and event sources.</summary>
internal static class HostNames
{
    public const string Rule =
        "must be 1 to 63 letters, digits, dots, underscores or hyphens, beginning with a letter or digit";

    private const int Longest = 63;

    public static bool IsValid(string name) =>
        name.Length is > 0 and <= Longest
        && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>The nearest valid name to what a machine calls itself.</summary>
    public static string Nearest(string name)
    {
        var kept =
            new string([.. name.Trim().Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')])
            .TrimStart('.', '_', '-');
        kept = kept.Length > Longest ? kept[..Longest] : kept;
        return kept.Length > 0 ? kept : "host";
    }
}
