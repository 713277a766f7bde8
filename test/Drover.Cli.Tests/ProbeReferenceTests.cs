using System.Text.RegularExpressions;
using Drover.Configuration;
using Drover.Core.Health;
using Drover.Reference;
using Drover.Runtime.Probing;
using Drover.Supervisor.Documents;

namespace Drover.Cli.Tests;

/// <summary>docs/reference/probes.md: what people choose a probe by.</summary>
public sealed partial class ProbeReferenceTests
{
    public static TheoryData<string> Types() => [.. ProbeTypes.All.Select(type => type.Name)];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_probe_type_is_documented_with_when_to_use_it_its_fields_and_an_example(string type)
    {
        var about = ProbeTypes.All.Single(one => one.Name == type);
        var chapter = Chapter(type);
        var key = DroverYaml.Probe.Section.Keys.Single(one => one.Name == type);
        var fields = key.Inner?.Keys.Select(inner => $"{type}.{inner.Name}") ?? [type];

        Assert.Contains($"**When to use it:** {about.WhenToUse}", chapter, StringComparison.Ordinal);
        Assert.Equal(fields, Field().Matches(chapter).Select(match => match.Groups[1].Value));
        Assert.Contains("```yaml\nsupervisor:", chapter, StringComparison.Ordinal);
        if (about.Restriction.Length > 0)
        {
            Assert.Contains($"For {about.AllowedText} only", chapter, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void The_example_of_each_probe_type_is_read_by_the_real_reader_as_a_probe_of_that_type(string type)
    {
        var yaml = ProbeExamples.Of(type);

        var component = Assert.Single(SupervisorFile.Document(yaml + "\n").Components);

        Assert.Contains(
            Enum.GetValues<ProbeKind>().Select(component.TargetOf).OfType<ProbeTarget>(),
            target => target.Type.Name == type);
        Assert.Contains(yaml, Page(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_example_is_also_good_advice_nothing_in_it_can_never_happen() => Assert.All(
        ProbeExamples.All,
        example =>
        {
            var document = SupervisorFile.Document(example.Yaml + "\n");
            Assert.Empty(ComponentExplanation.Of(document, document.Components[0]).Warnings);
        });

    [Fact]
    public void When_and_how_probes_are_judged_stands_there_with_the_names_of_kubernetes_and_the_defaults()
    {
        var page = Page();

        Assert.Contains("| `period` | `periodSeconds` | duration", page, StringComparison.Ordinal);
        Assert.All(
            DroverYaml.Probe.Section.Keys.Except(DroverYaml.Probe.Section.Choice!),
            key => Assert.Contains($"| `{key.Name}` | `", page, StringComparison.Ordinal));
    }

    private static string Page() => ProbesPage.Write();

    private static string Chapter(string type)
    {
        var page = Page();
        var begin = page.IndexOf($"\n## {type}\n", StringComparison.Ordinal);
        var end = page.IndexOf("\n## ", begin + 1, StringComparison.Ordinal);
        return end < 0 ? page[begin..] : page[begin..end];
    }

    [GeneratedRegex(@"^\| `([a-z_.]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Field();
}
