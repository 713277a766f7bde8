using System.Globalization;
using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>
/// Every defect of the supervisor before ours, and every bad day that one is known to meet, stands in
/// docs/explanation/supervisor-bad-days.md with tests that are there.
/// </summary>
public sealed partial class SupervisorBadDayTests
{
    private const string Page = "docs/explanation/supervisor-bad-days.md";

    // How many rows each kind has; one that is taken out must be taken out here, on purpose.
    private static readonly Dictionary<char, int> Rows = new() { ['P'] = 21, ['B'] = 36 };

    public static TheoryData<string> Numbers() => [.. Table().Keys];

    [Fact]
    public void Every_number_is_there_once()
    {
        var expected = Rows.SelectMany(kind => Enumerable.Range(1, kind.Value)
            .Select(number => string.Create(CultureInfo.InvariantCulture, $"{kind.Key}{number}")));
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Row().Matches(Repository.Read(Page)).Select(match => match.Groups[1].Value)
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Each_row_names_tests_that_exist(string number)
    {
        var tests = Table()[number];
        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.True(NamedTest.Exists(test), $"there is no test {test}"));
    }

    private static Dictionary<string, IReadOnlyList<string>> Table() => Row().Matches(Repository.Read(Page))
        .ToDictionary(
            match => match.Groups[1].Value,
            match => (IReadOnlyList<string>)
                [.. TestName().Matches(match.Groups[2].Value).Select(name => name.Groups[1].Value)]);

    [GeneratedRegex(@"^\| ([PB][0-9]+) \| [^|]+ \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex TestName();
}
