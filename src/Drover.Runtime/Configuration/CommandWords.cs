using System.Text;

namespace Drover.Runtime.Configuration;

/// <summary>
/// Cuts a line into a program and its arguments as a POSIX shell does (white space, both quotes, backslash) without
/// being one: what only a shell can do is refused, so that nobody believes it is done.
/// </summary>
public static class CommandWords
{
    private const string OnlyAShellKnows = "|&;<>()$`*?#~";

    /// <summary>Cuts the line.</summary>
    /// <returns>Null when <paramref name="words"/> is set, else why it cannot be cut.</returns>
    public static string? TrySplit(string line, out IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(line);
        var found = new List<string>();
        words = found;
        var word = new StringBuilder();
        var isWord = false;
        var quote = '\0';
        for (var at = 0; at < line.Length; at++)
        {
            var letter = line[at];
            if (quote == '\0' && char.IsWhiteSpace(letter))
            {
                Finish(found, word, ref isWord);
            }
            else if (quote == '\0' && letter is '\'' or '"')
            {
                (quote, isWord) = (letter, true);
            }
            else if (letter == quote)
            {
                quote = '\0';
            }
            else if (letter == '\\' && quote != '\'' && at + 1 < line.Length)
            {
                // Within double quotes a backslash escapes only what is special there (POSIX, 2.2.3).
                isWord = true;
                var isKept = quote == '"' && line[at + 1] is not ('"' or '\\' or '$' or '`');
                word.Append(isKept ? letter : line[++at]);
            }
            else if (quote == '\0' && OnlyAShellKnows.Contains(letter, StringComparison.Ordinal)
                && (letter is not ('#' or '~') || !isWord))
            {
                return $"has the \"{letter}\" of a shell in \"{line}\"; quote it, or write [sh, -c, '...']";
            }
            else
            {
                isWord = true;
                word.Append(letter);
            }
        }

        if (quote != '\0')
        {
            return $"has a quote that is not closed in \"{line}\"";
        }

        Finish(found, word, ref isWord);
        return null;
    }

    private static void Finish(List<string> words, StringBuilder word, ref bool isWord)
    {
        if (isWord)
        {
            words.Add(word.ToString());
        }

        word.Clear();
        isWord = false;
    }
}
