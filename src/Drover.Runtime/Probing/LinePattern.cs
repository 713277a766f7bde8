using System.Text.RegularExpressions;

namespace Drover.Runtime.Probing;

/// <summary>
/// Patterns that people write for text that others write. Matched in time linear to the text, so that no line can hang
/// the supervisor; this is why backreferences and look-around are refused.
/// </summary>
internal static class LinePattern
{
    private const int MostLength = 1000;

    /// <summary>The pattern ready for use.</summary>
    public static Regex Compile(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    /// <summary>Why it cannot be used, naming its key; null when it can, or when there is none.</summary>
    public static string? Fault(string key, string? pattern)
    {
        if (pattern is null)
        {
            return null;
        }

        if (pattern.Length is 0 or > MostLength)
        {
            return $"{key} takes a pattern of 1 to {MostLength} characters";
        }

        try
        {
            Compile(pattern);
            return null;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return $"{key} is not a pattern that can be used: {ForeignText.OneLine(exception.Message)}";
        }
    }
}
