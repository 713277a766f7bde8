using System.Globalization;
using System.Text;

namespace Drover.Runtime.Metrics;

/// <summary>What all metrics share: name, help, label names and how they are written.</summary>
public abstract class Metric
{
    /// <summary>Most label combinations one metric keeps; what comes after is counted under the last.</summary>
    internal const int MostSeries = 1000;

    private readonly string _help;
    private readonly string _kind;

    internal Metric(string name, string help, string kind, IReadOnlyList<string> labels)
    {
        if (!IsName(name) || labels.Any(label => !IsName(label) || label.Contains(':', StringComparison.Ordinal)))
        {
            throw new ArgumentException($"\"{name}\" or one of its labels is not a metric name.", nameof(name));
        }

        Name = name;
        Labels = labels;
        _help = help;
        _kind = kind;
    }

    /// <summary>Name in the text format.</summary>
    public string Name { get; }

    internal IReadOnlyList<string> Labels { get; }

    internal void Write(StringBuilder text)
    {
        text.Append("# HELP ").Append(Name).Append(' ').Append(Escape(_help, quotes: false)).Append('\n');
        text.Append("# TYPE ").Append(Name).Append(' ').Append(_kind).Append('\n');
        WriteSamples(text);
    }

    private protected abstract void WriteSamples(StringBuilder text);

    private protected static void WriteSample(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
        {
            text.Append('{').Append(labels).Append('}');
        }

        text.Append(' ').Append(Format(value)).Append('\n');
    }

    private protected void WriteDistribution(
        StringBuilder text, string labels, IReadOnlyList<double> bounds, IReadOnlyList<long> counts, double sum)
    {
        var total = 0L;
        for (var index = 0; index < counts.Count; index++)
        {
            total += counts[index];
            var bound = index < bounds.Count ? Format(bounds[index]) : "+Inf";
            var separator = labels.Length > 0 ? "," : string.Empty;
            WriteSample(text, Name + "_bucket", $"{labels}{separator}le=\"{bound}\"", total);
        }

        WriteSample(text, Name + "_sum", labels, sum);
        WriteSample(text, Name + "_count", labels, total);
    }

    private protected string Render(IReadOnlyList<string> values)
    {
        if (values.Count != Labels.Count)
        {
            throw new ArgumentException(
                $"{Name} has {Labels.Count} labels, {values.Count} values were given.", nameof(values));
        }

        return string.Join(',', Labels.Select((label, index) => $"{label}=\"{Escape(values[index], quotes: true)}\""));
    }

    private protected static string Format(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private static string Escape(string text, bool quotes)
    {
        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text;
    }

    private static bool IsName(string name) =>
        name.Length > 0
            && !char.IsAsciiDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or ':');
}
