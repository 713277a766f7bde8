namespace Drover.Server.Features.Commands;

/// <summary>Finds the names a mistyped one may have meant.</summary>
internal static class Names
{
    private const int MostSuggestions = 3;
    private const int LongestCompared = 64;

    /// <summary>The nearest of the known names, best first; empty when none is near.</summary>
    public static IReadOnlyList<string> Nearest(string wanted, IEnumerable<string> known)
    {
        var limit = Math.Max(1, wanted.Length / 3);
        return
        [
            .. known
                .Distinct(StringComparer.Ordinal)
                .Select(name => (Name: name, Distance: DistanceOf(wanted, name)))
                .Where(pair => pair.Distance <= limit)
                .OrderBy(pair => pair.Distance)
                .ThenBy(pair => pair.Name, StringComparer.Ordinal)
                .Take(MostSuggestions)
                .Select(pair => pair.Name),
        ];
    }

    private static int DistanceOf(string wanted, string name)
    {
        var (one, other) = (wanted.ToUpperInvariant(), name.ToUpperInvariant());
        if (wanted.Length >= 3 && other.Contains(one, StringComparison.Ordinal))
        {
            return 1;
        }

        return one.Length > LongestCompared || other.Length > LongestCompared ? int.MaxValue : Edits(one, other);
    }

    /// <summary>Levenshtein distance.</summary>
    private static int Edits(string one, string other)
    {
        var previous = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var row = 1; row <= one.Length; row++)
        {
            var current = new int[other.Length + 1];
            current[0] = row;
            for (var column = 1; column <= other.Length; column++)
            {
                var substitution = previous[column - 1] + (one[row - 1] == other[column - 1] ? 0 : 1);
                current[column] = Math.Min(substitution, Math.Min(previous[column], current[column - 1]) + 1);
            }

            previous = current;
        }

        return previous[other.Length];
    }
}
