using System.Text.RegularExpressions;

namespace Drover.Architecture.Tests;

/// <summary>
/// A document that is not executed is assumed wrong: paths, make verbs and links in documents are checked here.
/// </summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents() =>
        [.. Repository.Files.Where(file => file.EndsWith(".md", StringComparison.Ordinal))];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_a_document_names_exists(string document)
    {
        var folder = Path.GetDirectoryName(document) ?? "";
        var missing = NamedPath().Matches(Repository.Read(document))
            .Select(match => match.Groups[1].Value.TrimEnd('/'))
            .Where(
                path => !path.Contains('*', StringComparison.Ordinal) && !path.Contains('{', StringComparison.Ordinal))
            .Where(path => !Repository.Has(path) && !Repository.Has(Path.Combine(folder, path)));

        Assert.Empty(missing);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_relative_link_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(document) ?? "";
        var broken = Link().Matches(Repository.Read(document))
            .Select(match => match.Groups[1].Value.Split('#')[0])
            .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal))
            .Where(target => !Repository.Has(Path.Combine(folder, target)));

        Assert.Empty(broken);
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_make_verb_a_document_names_exists(string document)
    {
        var makefile = Repository.Read("Makefile");
        var unknown = MakeVerb().Matches(Repository.Read(document))
            .Select(match => match.Groups[1].Value)
            .Where(verb => !Regex.IsMatch(makefile, $"^{Regex.Escape(verb)}:", RegexOptions.Multiline));

        Assert.Empty(unknown);
    }

    [Fact]
    public void Each_decision_says_context_decision_and_consequences()
    {
        var pages =
            Repository.Files.Where(file => file.StartsWith("docs/decisions/0", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(pages);
        Assert.All(pages, page =>
        {
            var text = Repository.Read(page);
            Assert.Contains("## Context", text, StringComparison.Ordinal);
            Assert.Contains("## Decision", text, StringComparison.Ordinal);
            Assert.Contains("## Consequences", text, StringComparison.Ordinal);
        });
    }

    [GeneratedRegex(@"`((?:src|test|docs|eng|deploy|bench|\.ci)/[^`\s]*)`")]
    private static partial Regex NamedPath();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`make ([a-z-]+)[^`]*`")]
    private static partial Regex MakeVerb();
}
