using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Drover.Gateway.ColdStart;

/// <summary>
/// What a client prefers (RFC 7240). Of all that it may say, <c>wait=SECONDS</c> (section 4.3) is for the gateway.
/// </summary>
internal static class Preference
{
    /// <summary>The header in which a client says it.</summary>
    public const string Header = "Prefer";

    /// <summary>The header in which it is told that it was heard.</summary>
    public const string AppliedHeader = "Preference-Applied";

    private const string Wait = "wait";

    /// <summary>How long it would wait; null when it says nothing that can be read. The first one holds.</summary>
    public static int? WaitOf(StringValues prefer)
    {
        foreach (var line in prefer)
        {
            foreach (var range in line.AsSpan().Split(','))
            {
                // Parameters of a preference follow a semicolon; wait has none.
                var preference = line.AsSpan(range);
                var semicolon = preference.IndexOf(';');
                preference = semicolon < 0 ? preference : preference[..semicolon];
                var equals = preference.IndexOf('=');
                if (equals > 0 && preference[..equals].Trim(" \t").Equals(Wait, StringComparison.OrdinalIgnoreCase))
                {
                    return SecondsOf(preference[(equals + 1)..].Trim(" \t"));
                }
            }
        }

        return null;
    }

    private static int? SecondsOf(ReadOnlySpan<char> word)
    {
        if (word is ['"', .. var quoted, '"'])
        {
            word = quoted;
        }

        // More digits than any wait has: as long as can be, rather than nothing.
        return word.IsEmpty || word.ContainsAnyExceptInRange('0', '9') ? null
            : word.Length > 9 ? int.MaxValue
            : int.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
