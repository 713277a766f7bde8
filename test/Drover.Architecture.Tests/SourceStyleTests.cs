using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>Rules of the house that no analyzer knows.</summary>
public sealed partial class SourceStyleTests
{
    private const int MaxLines = 500;
    private const int MaxColumns = 120;
    private const string Exemption = "// length: ";

    [Fact]
    public void No_source_file_is_longer_than_500_lines_without_saying_why()
    {
        var offenders = Repository.SourceFiles("src/")
            .Where(
                file => Repository.Read(file) is var text
                    && text.Count(c => c == '\n') > MaxLines
                    && !text.Contains(Exemption, StringComparison.Ordinal));

        Assert.Empty(offenders);
    }

    [Fact]
    public void No_line_is_longer_than_120_columns()
    {
        var offenders = Repository.SourceFiles("src/")
            .Concat(Repository.SourceFiles("test/"))
            .Concat(Repository.SourceFiles("bench/"))
            .SelectMany(file => TooLong(Repository.Read(file)).Select(line => $"{file}:{line}"));

        Assert.Empty(offenders);
    }

    [Theory]
    [InlineData(120, 0)]
    [InlineData(121, 1)]
    public void A_line_is_measured_in_characters(int length, int offenders)
    {
        Assert.Equal(offenders, TooLong(new string('\u00e9', length)).Count());
    }

    [Fact]
    public void Text_of_a_raw_string_may_be_longer_and_what_follows_it_may_not()
    {
        const string Quotes = "\"\"\"";
        var wide = new string('x', MaxColumns + 1);

        Assert.Equal([4], TooLong($"var text = {Quotes}\n{wide}\n    {Quotes};\n{wide}"));
        Assert.Empty(TooLong($"Assert.Equal({Quotes}{wide}{Quotes}, text);"));
    }

    [Fact]
    public void Log_event_ids_are_unique_within_an_assembly()
    {
        var repeated = Repository.SourceFiles("src/")
            .SelectMany(
                file => EventId().Matches(Repository.Read(file)),
                (file, match) => (Assembly: file.Split('/')[1], Id: match.Groups[1].Value))
            .GroupBy(use => use)
            .Where(group => group.Count() > 1)
            .Select(group => $"{group.Key.Assembly}: {group.Key.Id}");

        Assert.Empty(repeated);
    }

    [Fact]
    public void Nothing_unfinished_is_committed()
    {
        var offenders = Repository.Files
            .Where(
                file => CodeFile().IsMatch(file)
                    && !file.StartsWith("test/Drover.Architecture.Tests/", StringComparison.Ordinal))
            .Where(file => Unfinished().IsMatch(Repository.Read(file)));

        Assert.Empty(offenders);
    }

    [Fact]
    public void No_test_is_skipped()
    {
        var offenders = Repository.SourceFiles("test/")
            .Where(file => !file.StartsWith("test/Drover.Architecture.Tests/", StringComparison.Ordinal))
            .Where(file => Skipped().IsMatch(Repository.Read(file)));

        Assert.Empty(offenders);
    }

    [Fact]
    public void No_region_hides_code()
    {
        Assert.DoesNotContain(
            Repository.SourceFiles("src/"),
            file => Repository.Read(file).Contains("#region", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_banned_symbol_names_its_replacement()
    {
        var lines = Repository.Read("BannedSymbols.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries);

        Assert.All(
            lines,
            line =>
                Assert.True(line.IndexOf(';', StringComparison.Ordinal) > 0 && line.Split(';')[1].Length > 10, line));
    }

    /// <summary>
    /// The numbers of the lines that are too long. Text that cannot be broken may be: the inside of a raw string, and a
    /// raw string of more than 80 characters on one line.
    /// </summary>
    private static IEnumerable<int> TooLong(string source)
    {
        var isRaw = false;
        var number = 0;
        foreach (var line in source.Split('\n'))
        {
            number++;
            var delimiters = RawDelimiter().Count(line);
            if (line.TrimEnd('\r').Length > MaxColumns && !isRaw && !LongRawText().IsMatch(line))
            {
                yield return number;
            }

            isRaw ^= delimiters % 2 == 1;
        }
    }

    [GeneratedRegex(@"\x22{3,}")]
    private static partial Regex RawDelimiter();

    [GeneratedRegex(@"\x22{3}.{81,}\x22{3}")]
    private static partial Regex LongRawText();

    [GeneratedRegex(@"\[LoggerMessage\(\s*(?:EventId\s*=\s*)?(\d+)")]
    private static partial Regex EventId();

    [GeneratedRegex(@"\.(cs|sh|ts|js)$")]
    private static partial Regex CodeFile();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b|NotImplementedException")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bSkip\s*=\s*""|Assert\.Skip")]
    private static partial Regex Skipped();
}
