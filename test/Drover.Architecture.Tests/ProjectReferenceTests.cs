using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>
/// The dependency rule of ARCHITECTURE.md: roles never reference roles, Core and Wire reference nothing of ours.
/// </summary>
public sealed partial class ProjectReferenceTests
{
    private static readonly string[] Shared = ["Drover.Core", "Drover.Wire", "Drover.Runtime"];

    public static TheoryData<string> Projects() =>
        [
            .. Repository.Files.Where(
                file => file.StartsWith("src/", StringComparison.Ordinal)
                    && file.EndsWith(".csproj", StringComparison.Ordinal))
        ];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_its_layer_allows(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        string[] allowed = name switch
        {
            "Drover.Core" or "Drover.Wire" => [],
            "Drover.Runtime" => ["Drover.Core", "Drover.Wire"],
            "Drover.Bridge" => [.. Shared, "Drover.Memory"],
            "Drover" =>
            [
                .. Shared, "Drover.Server", "Drover.HostAgent", "Drover.Gateway", "Drover.Supervisor", "Drover.Bridge"
            ],
            _ => Shared,
        };

        var referenced = Reference().Matches(Repository.Read(project)).Select(match => match.Groups[1].Value);

        Assert.Empty(referenced.Except(allowed));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("Drover.slnx");

        Assert.DoesNotContain(
            Repository.Files.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal)),
            project => !solution.Contains($"\"{project}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Core_asks_no_clock_file_socket_or_log()
    {
        var offenders = Repository.SourceFiles("src/Drover.Core/")
            .Where(file => Outside().IsMatch(Repository.Read(file)));

        Assert.Empty(offenders);
    }

    [GeneratedRegex(@"<ProjectReference Include=""[^""]*?([\w.]+)\.csproj""")]
    private static partial Regex Reference();

    [GeneratedRegex(
        @"using (System\.IO|System\.Net|Microsoft\.Extensions)|TimeProvider\.System|ILogger|\bFile\.|\bSocket\b")]
    private static partial Regex Outside();
}
