using System.Globalization;

namespace Drover.Gateway.Routing;

/// <summary>
/// A hostname that leads to an agent, or all names below one: <c>*.preview.example.org</c>. Lower case, in the form
/// that goes over the wire (RFC 5891), without a dot at the end. Source of what is a name: RFC 1123, section 2.1.
/// </summary>
public readonly record struct HostPattern
{
    private const int LongestName = 253;
    private const int LongestLabel = 63;
    private const string Anything = "*.";

    private HostPattern(string name, bool isWildcard) => (Name, IsWildcard) = (name, isWildcard);

    /// <summary>The name; of a wildcard what stands behind the star.</summary>
    public string Name { get; }

    /// <summary>True: every name below <see cref="Name"/>, at any depth, and not that name itself.</summary>
    public bool IsWildcard { get; }

    /// <summary>Reads what a person wrote, letters of any script among it.</summary>
    /// <returns>Null when <paramref name="pattern"/> is set, else what is wrong with the text.</returns>
    public static string? TryParse(string text, out HostPattern pattern)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = default;
        var isWildcard = text.StartsWith(Anything, StringComparison.Ordinal);
        var written = isWildcard ? text[Anything.Length..] : text;
        if (written.Contains(':', StringComparison.Ordinal) || written.Contains('/', StringComparison.Ordinal))
        {
            return $"\"{text}\" is more than a hostname; write it without scheme, port and path";
        }

        if (written.Contains('*', StringComparison.Ordinal))
        {
            return $"\"{text}\" has a star in the middle; a star stands alone and first, as in *.example.org";
        }

        if (ToAscii(written) is not { } name || !IsName(name))
        {
            return $"\"{text}\" is not a hostname; write agent.example.org or *.example.org";
        }

        pattern = new HostPattern(name, isWildcard);
        return null;
    }

    /// <summary>True when every name that this one stands for is below <paramref name="wildcard"/> too.</summary>
    public bool IsWithin(HostPattern wildcard) =>
        wildcard.IsWildcard
        && (IsWildcard && Name == wildcard.Name || Name.EndsWith($".{wildcard.Name}", StringComparison.Ordinal));

    /// <summary>As it is written in a file.</summary>
    public override string ToString() => IsWildcard ? Anything + Name : Name;

    private static string? ToAscii(string written)
    {
        try
        {
            return new IdnMapping().GetAscii(written.ToLowerInvariant().TrimEnd('.')).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= LongestName && name.Split('.').All(IsLabel);

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LongestLabel
        && label[0] != '-'
        && label[^1] != '-'
        && label.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_');
}
