using System.Globalization;
using System.Text;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Durations as people write them: <c>250ms</c>, <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>7d</c>; zero is <c>0</c>.
/// </summary>
public static class DurationText
{
    private static readonly (string Unit, long Milliseconds)[] Units =
        [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

    /// <summary>Reads a duration: numbers with units, largest unit first, each unit once.</summary>
    /// <returns>Null when <paramref name="value"/> is set, else why the text is none.</returns>
    public static string? TryParse(string text, out TimeSpan value)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = TimeSpan.Zero;
        if (text == "0")
        {
            return null;
        }

        var total = 0L;
        var position = 0;
        var next = 0;
        while (position < text.Length)
        {
            var digits = Run(text, position, char.IsAsciiDigit);
            var letters = Run(text, position + digits, char.IsAsciiLetter);
            var unit = Array.FindIndex(Units, next, u => text.AsSpan(position + digits, letters).SequenceEqual(u.Unit));
            if (digits is 0 or > 9 || unit < 0)
            {
                return Why(text);
            }

            var number = long.Parse(text.AsSpan(position, digits), CultureInfo.InvariantCulture);
            total += number * Units[unit].Milliseconds;
            position += digits + letters;
            next = unit + 1;
        }

        value = TimeSpan.FromMilliseconds(total);
        return position == 0 ? Why(text) : null;
    }

    /// <summary>The shortest text that reads as the same duration.</summary>
    public static string Format(TimeSpan value)
    {
        var left = (long)value.TotalMilliseconds;
        if (left <= 0)
        {
            return "0";
        }

        var text = new StringBuilder();
        foreach (var (unit, milliseconds) in Units)
        {
            if (left >= milliseconds)
            {
                text.Append(CultureInfo.InvariantCulture, $"{left / milliseconds}{unit}");
                left %= milliseconds;
            }
        }

        return text.ToString();
    }

    private static int Run(string text, int from, Func<char, bool> wanted)
    {
        var end = from;
        while (end < text.Length && wanted(text[end]))
        {
            end++;
        }

        return end - from;
    }

    private static string Why(string text) => $"\"{text}\" is not a duration; write 250ms, 30s, 5m or 1h30m";
}
