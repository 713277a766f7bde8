using System.CommandLine;
using System.Text.Json;
using System.Text.RegularExpressions;
using Drover.Commands;
using Drover.Testing.Agents;
using Drover.Testing.Documents;

namespace Drover.Cli.Tests;

/// <summary>
/// What documents tell people to type is held against the real parser, what they tell them to configure against the
/// real reader, and the paths of the API they name against its description. Decisions are history and left out.
/// </summary>
public sealed partial class DocumentedCommandTests
{
    private static readonly string[] LeftOut = ["docs/decisions/", "docs/reference/cli.md", "bench/results/"];

    public static TheoryData<string> Documents() =>
    [
        .. RepositoryFile.Documents().Where(
            document => !LeftOut.Any(one => document.StartsWith(one, StringComparison.Ordinal))),
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_line_to_be_typed_is_taken_by_the_parser_as_it_stands(string document)
    {
        var root = Root();
        Assert.All(
            Fences(document).Where(fence => fence.Language.Length == 0).SelectMany(fence => Typed(fence.Text)),
            line => Assert.True(
                root.Parse(line).Errors is [],
                $"{document} shows `drover {line}`: {string.Join(" ", root.Parse(line).Errors)}"));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_verb_and_option_named_in_a_sentence_exists(string document)
    {
        var root = Root();
        var named = Span().Matches(WithoutFences(document)).SelectMany(match => Alternatives(match.Groups[1].Value));
        Assert.All(named, line =>
        {
            var parsed = root.Parse(line);
            Assert.True(
                parsed.UnmatchedTokens is [] && parsed.CommandResult.Command != root
                    || line.StartsWith("--", StringComparison.Ordinal) && parsed.UnmatchedTokens is [],
                $"{document} names `drover {line}`: {string.Join(" ", parsed.Errors)}");
        });
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task Every_piece_of_drover_yaml_passes_the_check(string document)
    {
        using var folder = new TemporaryDirectory();
        foreach (var (number, fence) in Fences(document).Where(fence => fence.Language == "yaml").Index())
        {
            var file = Path.Combine(folder.Path, $"{number}.yaml");
            await File.WriteAllTextAsync(file, fence.Text, TestContext.Current.CancellationToken);
            var run = new CliRun();
            var code = await run.RunAsync("config", "check", "--config", file);
            Assert.True(code is ExitCode.Ok, $"{document}, yaml block {number + 1}: {run.Out}{run.Error}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_of_the_api_is_in_its_description(string document)
    {
        var known = JsonElement.Parse(RepositoryFile.Read("docs/reference/openapi.json")).GetProperty("paths")
            .EnumerateObject()
            .Select(path => path.Name)
            .Concat(GatewayPath().Matches(RepositoryFile.Read("docs/reference/gateway-api.md"))
                .Select(match => match.Groups[1].Value))
            .Select(path => new Regex($"^{Brace().Replace(Regex.Escape(path), "[^/]+")}$"))
            .ToList();
        Assert.All(
            ApiPath().Matches(RepositoryFile.Read(document)).Select(match => match.Value),
            path => Assert.True(known.Any(one => one.IsMatch(path)), $"{document} names {path}"));
    }

    [Fact]
    public void The_documents_do_show_commands_and_configuration()
    {
        Assert.Contains("ps", Fences("README.md").SelectMany(fence => Typed(fence.Text)));
        Assert.Contains(Fences("README.md"), fence => fence.Language == "yaml");
        Assert.Contains("docs/how-to/stacker.md", Documents().Select(row => row.Data));
    }

    private static RootCommand Root() => new CommandTree(new CliRun().Host()).Root;

    private static IEnumerable<(string Language, string Text)> Fences(string document) =>
        Fence().Matches(RepositoryFile.Read(document)).Select(
            match => (match.Groups[2].Value, Dedent(match.Groups[3].Value, match.Groups[1].Length)));

    private static string WithoutFences(string document) => Fence().Replace(RepositoryFile.Read(document), "\n");

    private static string Dedent(string text, int columns) => string.Join(
        '\n', text.Split('\n').Select(line => line.Length >= columns ? line[columns..] : line.TrimStart()));

    /// <summary>What follows the program's name in each line that calls it.</summary>
    private static IEnumerable<string> Typed(string block) =>
        block.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Select(line => Call().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value.Replace('\'', '"').Trim());

    /// <summary><c>list|verify</c> is two.</summary>
    private static IEnumerable<string> Alternatives(string span)
    {
        var choice = Choice().Match(span);
        return choice.Success
            ? choice.Value.Split('|').Select(
                one => string.Concat(span.AsSpan(0, choice.Index), one, span.AsSpan(choice.Index + choice.Length)))
            : [span];
    }

    [GeneratedRegex("^( *)```(\\w*)\\n(.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    // A prompt, sudo and variables before it, what becomes of its output behind it; not the line that up begins with.
    [GeneratedRegex(
        "^\\s*(?:\\$ )?(?:sudo )?(?:[A-Z_]+=(?:\\$\\([^)]*\\)|\\S+) )*(?:\\./)?"
            + "drover ((?![0-9]).*?)(?: +#.*| [|&>].*|;.*)?$")]
    private static partial Regex Call();

    [GeneratedRegex("`(?:\\./)?drover ([^`]+)`")]
    private static partial Regex Span();

    [GeneratedRegex("\\b[a-z-]+(?:\\|[a-z-]+)+\\b")]
    private static partial Regex Choice();

    [GeneratedRegex(@"^\| [A-Z]+ \| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex GatewayPath();

    [GeneratedRegex("/api/(?:v1|agent)/[a-z0-9_/{}.-]*[a-z0-9}](?![a-z0-9*/])")]
    private static partial Regex ApiPath();

    [GeneratedRegex(@"\\\{[a-z]+}")]
    private static partial Regex Brace();
}
