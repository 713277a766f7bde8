namespace Drover.Runtime.Configuration;

/// <summary>
/// What somebody probably meant: the closest of the known names, by edits (swapped neighbours count as one).
/// </summary>
public static class NearestName
{
    // Longer words are other people's text; nobody mistyped those.
    private const int LongestCompared = 64;
    private const int ShortestPart = 3;

    /// <summary>The closest name within a third of the word's length (at least one edit), or null.</summary>
    public static string? Of(string word, IEnumerable<string> known) => Rank(word, known).FirstOrDefault();

    /// <summary>
    /// All names that are close enough, each once, closest first; names that begin with the word, or have a word of
    /// three letters and more within them, count as close.
    /// </summary>
    public static IEnumerable<string> Rank(string word, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(word);
        var most = Math.Max(1, (word.Length + 1) / 3);
        return known
            .Distinct(StringComparer.Ordinal)
            .Select(name => (Name: name, Distance: Distance(word, name)))
            .Where(
                one => one.Distance <= most
                    || (word.Length >= 2 && one.Name.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                    || (word.Length >= ShortestPart && one.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(one => one.Distance)
            .ThenBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => one.Name);
    }

    /// <summary>Optimal string alignment distance, letters compared without case.</summary>
    internal static int Distance(string left, string right)
    {
        if (left.Length > LongestCompared || right.Length > LongestCompared)
        {
            return int.MaxValue;
        }

        var (a, b) = (left.ToUpperInvariant(), right.ToUpperInvariant());
        var rows = new int[3][];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = new int[b.Length + 1];
        }

        for (var column = 0; column <= b.Length; column++)
        {
            rows[0][column] = column;
        }

        for (var i = 1; i <= a.Length; i++)
        {
            var (current, above, twoAbove) = (rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3]);
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                current[j] = Math.Min(Math.Min(above[j] + 1, current[j - 1] + 1), above[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    current[j] = Math.Min(current[j], twoAbove[j - 2] + 1);
                }
            }
        }

        return rows[a.Length % 3][b.Length];
    }
}
