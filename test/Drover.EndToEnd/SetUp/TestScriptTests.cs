using Drover.EndToEnd.Delivery;
using Drover.Testing.Agents;

namespace Drover.EndToEnd.SetUp;

/// <summary>
/// What <c>make test</c> makes of the test projects it runs: the count in the last line, an honest exit status.
/// </summary>
public sealed class TestScriptTests
{
    [Fact]
    public async Task The_last_line_is_the_sum_over_all_projects_and_all_passed_is_0()
    {
        using var checkout = new Checkout();
        checkout.Project("One", Report(passed: 3), status: 0);
        checkout.Project("Two", Report(passed: 4), status: 0);

        var (code, said) = await checkout.TestAsync("light");

        Assert.Equal((0, "7 passed, 0 failed, 0 skipped"), (code, LastLine(said)));
    }

    [Theory]
    [InlineData("a failed test", "7 passed, 1 failed, 0 skipped", "1 failed")]
    [InlineData("an error outside of a test", "7 passed, 1 failed, 0 skipped", "1 errors")]
    [InlineData("a runner that died after its report", "8 passed, 1 failed, 0 skipped", "status 134")]
    [InlineData("a runner that died without a report", "4 passed, 1 failed, 0 skipped", "no report")]
    [InlineData("a project that was not built", "4 passed, 1 failed, 0 skipped", "not built")]
    public async Task Whatever_went_wrong_is_counted_and_the_exit_status_says_so(string what, string count, string how)
    {
        using var checkout = new Checkout();
        checkout.Project("Good", Report(passed: 4), status: 0);
        switch (how)
        {
            case "1 failed":
                checkout.Project("Bad", Report(passed: 3, failed: 1), status: 1);
                break;
            case "1 errors":
                checkout.Project("Bad", Report(passed: 3, errors: 1), status: 1);
                break;
            case "status 134":
                checkout.Project("Bad", Report(passed: 4), status: 134);
                break;
            case "no report":
                checkout.Project("Bad", report: null, status: 139);
                break;
            default:
                checkout.Unbuilt("Bad");
                break;
        }

        var (code, said) = await checkout.TestAsync("light");

        Assert.True((code, LastLine(said)) == (1, count), $"{what}: exit status {code}\n{said}");
    }

    [Theory]
    [InlineData("", 0, "4 passed, 0 failed, 1 skipped")]
    [InlineData("true", 1, "4 passed, 1 failed, 1 skipped")]
    public async Task A_skipped_test_is_counted_and_fails_in_CI(string ci, int status, string count)
    {
        using var checkout = new Checkout();
        checkout.Project("Some", Report(passed: 4, skipped: 1), status: 0);

        var (code, said) = await checkout.TestAsync("light", ci);

        Assert.Equal((status, count), (code, LastLine(said)));
    }

    [Fact]
    public async Task Nothing_run_at_all_is_no_success()
    {
        using var checkout = new Checkout();
        checkout.Project("Empty", Report(passed: 0), status: 0);

        Assert.Equal(1, (await checkout.TestAsync("light")).ExitCode);
    }

    private static string Report(int passed, int failed = 0, int skipped = 0, int errors = 0) =>
        $"<assemblies><assembly name=\"x\" passed=\"{passed}\" failed=\"{failed}\" skipped=\"{skipped}\" "
            + $"errors=\"{errors}\"></assembly></assemblies>";

    private static string LastLine(string said) => said.TrimEnd().Split('\n')[^1];

    /// <summary>A folder with the script and projects whose programs only leave a report.</summary>
    private sealed class Checkout : IDisposable
    {
        private readonly TemporaryDirectory _folder = new();

        public Checkout()
        {
            Directory.CreateDirectory(_folder.File("eng"));
            File.Copy(Path.Combine(Tool.Root, "eng/test.sh"), _folder.File("eng/test.sh"));
        }

        public void Project(string name, string? report, int status)
        {
            Unbuilt(name);
            var program = _folder.File($"artifacts/bin/{name}/release/{name}");
            Directory.CreateDirectory(Path.GetDirectoryName(program)!);
            var write = report is null ? "" : $"printf '%s' '{report}' > \"${{@: -1}}\"\n";
            File.WriteAllText(program, $"#!/bin/bash\n{write}exit {status}\n");
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        public void Unbuilt(string name)
        {
            Directory.CreateDirectory(_folder.File($"test/{name}"));
            File.WriteAllText(_folder.File($"test/{name}/{name}.csproj"), "");
        }

        public Task<(int ExitCode, string Output)> TestAsync(string tier, string ci = "") => Tool.RunAsync(
            new Dictionary<string, string> { ["CI"] = ci, ["CONFIGURATION"] = "Release" },
            ["bash", _folder.File("eng/test.sh"), tier],
            TestContext.Current.CancellationToken);

        public void Dispose() => _folder.Dispose();
    }
}
