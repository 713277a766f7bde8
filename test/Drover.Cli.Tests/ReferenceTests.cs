using System.Reflection;
using Drover.Commands;
using Drover.Reference;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.Cli.Tests;

public sealed class ReferenceTests
{
    public static TheoryData<string> Pages() =>
        [.. All().Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void The_generated_reference_is_what_the_code_says(string name)
    {
        var expected = All().Single(page => page.Name == name).Text;
        var path = Path.Combine(RepositoryRoot(), "docs/reference", name);

        Assert.True(File.Exists(path), $"docs/reference/{name} is missing: run `make generate`");
        Assert.True(
            File.ReadAllText(path) == expected, $"docs/reference/{name} differs from the code: run `make generate`");
    }

    [Fact]
    public void Every_problem_of_the_server_is_in_the_reference() =>
        Assert.Equal(
            Constants(typeof(Problems)).Where(value => value != Problems.Prefix).Order(),
            ErrorsPage.ServerProblems.Select(one => one.Name).Order());

    [Fact]
    public void Every_answer_of_the_gateway_is_in_the_reference() =>
        Assert.Equal(
            Constants(typeof(GatewayProblems)).Order(), ErrorsPage.GatewayAnswers.Select(one => one.Name).Order());

    [Fact]
    public void Every_code_of_failed_commands_is_in_the_reference() =>
        Assert.Equal(
            Constants(typeof(CommandErrors)).Order(), ErrorsPage.FailedCommands.Select(one => one.Code).Order());

    [Fact]
    public void Every_exit_code_is_in_the_reference() =>
        Assert.Equal(Enum.GetValues<ExitCode>().Order(), ExitCodes.All.Select(one => one.Code).Order());

    [Fact]
    public void Every_verb_of_the_supervisor_has_its_exit_codes_in_the_reference()
    {
        var verbs = new CommandTree(new CliRun().Host()).Root.Subcommands
            .Single(command => command.Name == "supervisor").Subcommands
            .Select(command => command.Name);

        Assert.Equal(verbs, SupervisorExitCodes.All.Select(one => one.Verb).Distinct());
        Assert.All(
            verbs,
            verb => Assert.Contains(SupervisorExitCodes.All, one => one.Verb == verb && one.Code == ExitCode.Ok));
    }

    [Fact]
    public void Every_verb_of_the_gateway_has_its_exit_codes_in_the_reference()
    {
        var verbs = new CommandTree(new CliRun().Host()).Root.Subcommands
            .Single(command => command.Name == "gateway").Subcommands
            .Select(command => command.Name);

        Assert.Equal(verbs, GatewayExitCodes.All.Select(one => one.Verb).Distinct());
        Assert.All(
            verbs,
            verb => Assert.Contains(GatewayExitCodes.All, one => one.Verb == verb && one.Code == ExitCode.Ok));
    }

    private static IEnumerable<(string Name, string Text)> All() => ReferencePages.All(
        new CommandTree(new CliRun().Host()).Root, Path.Combine(AppContext.BaseDirectory, "Drover.Wire.xml"));

    private static IEnumerable<string> Constants(Type type) => type
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Where(field => field.IsLiteral)
        .Select(field => (string)field.GetRawConstantValue()!);

    private static string RepositoryRoot()
    {
        var at = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(at, "Drover.slnx")))
        {
            at = Path.GetDirectoryName(at)
                ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return at;
    }
}
