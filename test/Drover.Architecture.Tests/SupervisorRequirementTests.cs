using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>Every requirement of the supervisor stands on its page with tests that are there.</summary>
public sealed partial class SupervisorRequirementTests
{
    private const string Page = "docs/explanation/supervisor-requirements.md";

    // How many rows each part has; one that is taken out must be taken out here, on purpose.
    private static readonly Dictionary<string, int> Parts = new()
    {
        ["Person"] = 8,
        ["Built"] = 16,
        ["Interface"] = 7,
        ["Checks"] = 12,
        ["Watchdog"] = 12,
        ["Status"] = 7,
        ["Logs"] = 4,
    };

    public static TheoryData<string> Requirements() => [.. Rows(Repository.Read(Page)).Select(row => row.Requirement)];

    [Fact]
    public void Every_part_has_all_its_requirements() => Assert.Equal(
        Parts,
        Part().Matches(Repository.Read(Page))
            .ToDictionary(part => part.Groups[1].Value, part => Rows(part.Groups[2].Value).Count));

    [Theory]
    [MemberData(nameof(Requirements))]
    public void Each_requirement_names_tests_that_exist(string requirement)
    {
        var tests = Rows(Repository.Read(Page)).Single(row => row.Requirement == requirement).Tests;
        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.True(NamedTest.Exists(test), $"there is no test {test}"));
    }

    private static List<(string Requirement, IReadOnlyList<string> Tests)> Rows(string text) =>
    [
        .. Row().Matches(text).Select(match => (
            match.Groups[1].Value,
            (IReadOnlyList<string>)[.. TestName().Matches(match.Groups[2].Value).Select(name => name.Groups[1].Value)]))
    ];

    [GeneratedRegex(@"^## (\w+)\n(.*?)(?=^## |\z)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Part();

    [GeneratedRegex(@"^\| ([^|]+) \| ([^|]*`[^|]+) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex TestName();
}
