using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>What SECURITY.md claims is held by tests that exist; what no test holds stands where it says so.</summary>
public sealed partial class SecurityPageTests
{
    private const string Page = "SECURITY.md";

    public static TheoryData<string> Claims() => [.. Rows().Select(row => row.Claim)];

    [Theory]
    [MemberData(nameof(Claims))]
    public void Each_claim_names_tests_that_exist(string claim)
    {
        var tests = Rows().Single(row => row.Claim == claim).Tests;
        Assert.NotEmpty(tests);
        Assert.All(tests, test => Assert.True(NamedTest.Exists(test), $"there is no test {test}"));
    }

    [Fact]
    public void Every_line_of_a_table_of_claims_is_read_as_one()
    {
        var page = Repository.Read(Page);
        var lines = page[page.IndexOf("\n## What holds\n", StringComparison.Ordinal)..].Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal));
        Assert.Equal(
            lines.Count(line => !line.StartsWith("| Claim |", StringComparison.Ordinal)), Rows().Count);
        Assert.True(Rows().Count > 20, "the page has its claims");
    }

    [Theory]
    [InlineData("## Assets")]
    [InlineData("## Actors")]
    [InlineData("## Trust boundaries")]
    [InlineData("## Not defended")]
    [InlineData("## Reporting")]
    public void It_says_what_a_threat_model_must_say(string heading) =>
        Assert.Contains($"\n{heading}\n", Repository.Read(Page), StringComparison.Ordinal);

    private static List<(string Claim, IReadOnlyList<string> Tests)> Rows() =>
        [
            .. Row().Matches(Repository.Read(Page)).Select(match => (
                match.Groups[1].Value,
                (IReadOnlyList<string>)
                    [.. TestName().Matches(match.Groups[2].Value).Select(name => name.Groups[1].Value)]))
        ];

    [GeneratedRegex(@"^\| ([^|]+) \| (`[^|]+`) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(\w+\.\w+)`")]
    private static partial Regex TestName();
}
