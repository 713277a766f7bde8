using System.Text;

namespace Drover.Terminal;

/// <summary>A meaning that a colour underlines; the words alone must say it too.</summary>
internal enum Tone
{
    Plain,
    Good,
    Warning,
    Bad,
    Dim,
    Strong,
}

/// <summary>Colours on a terminal, nothing elsewhere; and keeps foreign text from steering the terminal.</summary>
internal sealed class Paint(bool enabled)
{
    private const char Escape = '\x1b';

    public string Apply(Tone tone, string text) => !enabled || text.Length == 0
        ? text
        : tone switch
        {
            Tone.Good => $"\x1b[32m{text}\x1b[0m",
            Tone.Warning => $"\x1b[33m{text}\x1b[0m",
            Tone.Bad => $"\x1b[31m{text}\x1b[0m",
            Tone.Dim => $"\x1b[2m{text}\x1b[0m",
            Tone.Strong => $"\x1b[1m{text}\x1b[0m",
            _ => text,
        };

    /// <summary>
    /// Text of others in one line: control characters, which could move the cursor or forge lines, are shown as
    /// <c>?</c>.
    /// </summary>
    public static string OneLine(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '?' : c)) : text;

    /// <summary>A log's line for a terminal: its colours stay, every other control sequence goes.</summary>
    public static string LogLine(string text)
    {
        if (!text.Any(c => char.IsControl(c) && c != '\t'))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        var coloured = false;
        for (var at = 0; at < text.Length; at++)
        {
            var length = text[at] == Escape ? ColourLength(text, at) : 0;
            if (length > 0)
            {
                result.Append(text, at, length);
                at += length - 1;
                coloured = true;
            }
            else if (!char.IsControl(text[at]) || text[at] == '\t')
            {
                result.Append(text[at]);
            }
        }

        return coloured ? result.Append("\x1b[0m").ToString() : result.ToString();
    }

    // ECMA-48 SGR: ESC [ digits and semicolons m.
    private static int ColourLength(string text, int at)
    {
        if (at + 1 >= text.Length || text[at + 1] != '[')
        {
            return 0;
        }

        for (var end = at + 2; end < text.Length; end++)
        {
            if (text[end] == 'm')
            {
                return end - at + 1;
            }

            if (!char.IsAsciiDigit(text[end]) && text[end] != ';')
            {
                return 0;
            }
        }

        return 0;
    }
}
