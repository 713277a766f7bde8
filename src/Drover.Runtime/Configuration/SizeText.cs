using System.Globalization;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Sizes as people write them: <c>512B</c>, <c>10MB</c> (powers of ten), <c>64MiB</c> (powers of two).
/// </summary>
public static class SizeText
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10),
        ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("KB", 1_000), ("B", 1),
    ];

    /// <summary>Reads a size in bytes: a whole number and a unit.</summary>
    /// <returns>Null when <paramref name="bytes"/> is set, else why the text is none.</returns>
    public static string? TryParse(string text, out long bytes)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var (unit, factor) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && long.TryParse(
                    text.AsSpan(0, text.Length - unit.Length),
                    NumberStyles.None,
                    CultureInfo.InvariantCulture,
                    out var number)
                && number <= long.MaxValue / factor)
            {
                bytes = number * factor;
                return null;
            }
        }

        bytes = 0;
        return $"\"{text}\" is not a size; write 512B, 10MB or 64MiB";
    }

    /// <summary>The shortest exact text in one unit.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, factor) in Units)
        {
            if (bytes > 0 && bytes % factor == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / factor}{unit}");
            }
        }

        return "0B";
    }
}
