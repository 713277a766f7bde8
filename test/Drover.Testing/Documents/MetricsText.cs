using System.Text.RegularExpressions;

namespace Drover.Testing.Documents;

/// <summary>
/// Metrics as <c>/metrics</c> shows them and as docs/reference/metrics.md lists them, in one form to be compared: name,
/// type, meaning and, where a sample shows them, labels.
/// </summary>
public static partial class MetricsText
{
    private const string LabelOfBuckets = "le";

    /// <summary>What a page in the Prometheus text format holds: <c>name|type|meaning</c>, by name.</summary>
    public static IReadOnlyList<string> Exposed(string page)
    {
        var helps = Help().Matches(page).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
        return
        [
            .. Type().Matches(page)
                .Select(match => (Name: match.Groups[1].Value, Kind: match.Groups[2].Value))
                .Select(metric => $"{metric.Name}|{metric.Kind}|{helps[metric.Name]}")
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What a section of the reference lists: <c>name|type|meaning</c>, by name.</summary>
    public static IReadOnlyList<string> Reference(string section) =>
        [.. Rows(section).Select(row => $"{row.Name}|{row.Kind}|{row.Meaning}").Order(StringComparer.Ordinal)];

    /// <summary>The labels that the reference names for each metric of a section.</summary>
    public static IReadOnlyDictionary<string, string> LabelsInReference(string section) => Rows(section).ToDictionary(
        row => row.Name,
        row => string.Join(',', LabelInRow().Matches(row.Labels).Select(match => match.Groups[1].Value)));

    /// <summary>The labels that the samples of each metric show; metrics without a sample are left out.</summary>
    public static IReadOnlyDictionary<string, string> LabelsExposed(string page)
    {
        var histograms = Type().Matches(page).Where(match => match.Groups[2].Value == "histogram")
            .Select(match => match.Groups[1].Value).ToHashSet();
        var labels = new Dictionary<string, string>();
        foreach (Match sample in Sample().Matches(page))
        {
            var name = sample.Groups[1].Value;
            var histogram = histograms.FirstOrDefault(
                one => name == $"{one}_bucket" || name == $"{one}_sum" || name == $"{one}_count");
            labels[histogram ?? name] = string.Join(
                ',',
                LabelInSample().Matches(sample.Groups[2].Value)
                    .Select(match => match.Groups[1].Value)
                    .Where(label => histogram is null || label != LabelOfBuckets));
        }

        return labels;
    }

    private static IEnumerable<(string Name, string Kind, string Labels, string Meaning)> Rows(string section) =>
        RepositoryFile.Read("docs/reference/metrics.md")
            .Split("\n## ", StringSplitOptions.RemoveEmptyEntries)
            .Single(part => part.StartsWith(section + "\n", StringComparison.Ordinal))
            .Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split(" | "))
            .Select(cells => (cells[0][3..^1], cells[1], cells[2], cells[3][..^2]));

    [GeneratedRegex("^# HELP (\\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE (\\S+) (.*)$", RegexOptions.Multiline)]
    private static partial Regex Type();

    [GeneratedRegex("^([a-z_]+)(?:\\{(.*)\\})? \\S+$", RegexOptions.Multiline)]
    private static partial Regex Sample();

    [GeneratedRegex("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex LabelInSample();

    [GeneratedRegex("`([a-z_]+)`: ")]
    private static partial Regex LabelInRow();
}
