using System.Globalization;
using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>
/// Every defect of the systems before us stands in docs/explanation/inherited-defects.md with a test that is there.
/// </summary>
public sealed partial class InheritedDefectTests
{
    private const string Page = "docs/explanation/inherited-defects.md";
    private const int FleetDefects = 16;

    // How many rows each group has, those of the older protocol and the gateway's; one that is taken out must be taken
    // out here, on purpose.
    private static readonly Dictionary<char, int> Groups =
        new() { ['S'] = 12, ['D'] = 14, ['R'] = 9, ['L'] = 8, ['H'] = 6, ['G'] = 20 };

    public static TheoryData<string> Rows() => [.. Table().Keys];

    [Fact]
    public void Every_number_is_there_once()
    {
        var expected = Enumerable.Range(1, FleetDefects)
            .Select(number => number.ToString(CultureInfo.InvariantCulture))
            .Concat(Groups.SelectMany(group => Enumerable.Range(1, group.Value)
                .Select(number => string.Create(CultureInfo.InvariantCulture, $"{group.Key}{number}"))));
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            Row().Matches(Repository.Read(Page)).Select(match => match.Groups[1].Value)
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Each_defect_names_tests_that_exist(string number)
    {
        var tests = Table()[number];
        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.True(NamedTest.Exists(test), $"there is no test {test}"));
    }

    [Theory]
    [InlineData("InheritedDefectTests.Each_defect_names_tests_that_exist", true)]
    [InlineData("InheritedDefectTests.Nothing_is_called_so", false)]
    [InlineData("InheritedDefectTests.Table", false)]
    [InlineData("OtherTests.Each_defect_names_tests_that_exist", false)]
    public void A_test_is_found_by_its_class_and_name_and_must_be_one(string name, bool isThere) =>
        Assert.Equal(isThere, NamedTest.Exists(name));

    private static Dictionary<string, IReadOnlyList<string>> Table() => Row().Matches(Repository.Read(Page))
        .ToDictionary(
            match => match.Groups[1].Value,
            match => (IReadOnlyList<string>)
                [.. TestName().Matches(match.Groups[2].Value).Select(name => name.Groups[1].Value)]);

    [GeneratedRegex(@"^\| ([A-Z]?[0-9]+) \| [^|]+ \| ([^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex TestName();
}
