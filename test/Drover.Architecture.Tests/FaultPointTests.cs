using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>The list of fault points, the code that reaches them and the page about them say the same.</summary>
public sealed partial class FaultPointTests
{
    private const string List = "src/Drover.Runtime/Faults/FaultPoints.cs";
    private const string Page = "docs/decisions/0016-fault-points.md";

    public static TheoryData<string, string> Points() =>
        [.. Declared().Matches(Repository.Read(List)).Select(one => (one.Groups[1].Value, one.Groups[2].Value))];

    [Theory]
    [MemberData(nameof(Points))]
    public void Every_fault_point_is_reached_at_one_place_and_documented(string member, string name)
    {
        var reaches = Repository.SourceFiles("src/")
            .Sum(file => Regex.Count(Repository.Read(file), $@"FaultPoint\.Reach\(\s*FaultPoints\.{member}\s*\)"));

        Assert.Equal(1, reaches);
        Assert.Contains($"| `{name}` |", Repository.Read(Page), StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_explains_no_point_that_is_not_there()
    {
        var names = Declared().Matches(Repository.Read(List)).Select(one => one.Groups[2].Value).ToList();
        var explained = Row().Matches(Repository.Read(Page)).Select(one => one.Groups[1].Value).ToList();

        Assert.NotEmpty(names);
        Assert.Equal(names.Order(), explained.Order());
    }

    [GeneratedRegex(@"public const string (\w+) = ""([a-z.-]+)"";")]
    private static partial Regex Declared();

    [GeneratedRegex(@"^\| `([a-z.-]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
