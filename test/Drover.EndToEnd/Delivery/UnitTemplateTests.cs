using System.Globalization;
using System.Text.RegularExpressions;

namespace Drover.EndToEnd.Delivery;

/// <summary>The systemd units with their drop-ins, read by systemd's own checkers.</summary>
public sealed partial class UnitTemplateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drover-unit-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("server")]
    [InlineData("host-agent")]
    [InlineData("up")]
    [InlineData("supervisor")]
    [InlineData("gateway")]
    public async Task The_unit_is_valid_for_each_role_without_a_word(string role)
    {
        var (exitCode, output) = await AnalyzeAsync("verify", "--man=no", await UnitAsync(role));

        Assert.True(exitCode == 0, output);
        Assert.Empty(output.Trim());
    }

    [Theory]
    [InlineData("server", 2.0)]
    [InlineData("host-agent", 2.0)]
    [InlineData("up", 2.0)]
    [InlineData("gateway", 2.0)]
    [InlineData("supervisor", 5.0)]
    public async Task Each_role_is_exposed_no_more_than_the_how_to_says(string role, double most)
    {
        var howTo = await File.ReadAllTextAsync(
            Path.Combine(Tool.Root, "docs/how-to/install.md"), TestContext.Current.CancellationToken);
        var line = howTo.Split('\n').Single(one => one.StartsWith("| `", StringComparison.Ordinal)
            && one.Contains($"`drover@{role}`", StringComparison.Ordinal) && LastCell().IsMatch(one));
        var said = decimal.Parse(LastCell().Match(line).Groups[1].Value, CultureInfo.InvariantCulture);

        var (exitCode, output) = await AnalyzeAsync(
            "security",
            "--offline=true",
            "--no-pager",
            string.Create(CultureInfo.InvariantCulture, $"--threshold={(int)(said * 10)}"),
            await UnitAsync(role));

        Assert.True(exitCode == 0, output);
        Assert.InRange(said, 0m, (decimal)most);
    }

    [Theory]
    [InlineData("drover@.service")]
    [InlineData("drover@supervisor.service")]
    public async Task Systemd_never_gives_up_starting_a_role_that_cannot_start_yet(string file)
    {
        var unit = await File.ReadAllLinesAsync(
            Path.Combine(Tool.Root, "deploy/systemd", file), TestContext.Current.CancellationToken);
        string[] unitSection = [.. unit.TakeWhile(line => line != "[Service]")];

        Assert.Contains("StartLimitIntervalSec=0", unitSection);
        Assert.Contains("Restart=on-failure", unit.Except(unitSection));
    }

    /// <summary>A copy of the installed files; the checker insists that the program is there.</summary>
    private async Task<string> UnitAsync(string role)
    {
        var (exitCode, output) = await Tool.RunAsync(
            new Dictionary<string, string>(),
            ["cp", "-r", "deploy/systemd/.", _folder.FullName],
            TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0, output);
        foreach (var file in Directory.GetFiles(_folder.FullName, "*.service"))
        {
            var unit = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                file,
                unit.Replace("/usr/local/bin/drover", "/bin/true", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);
        }

        return Path.Combine(_folder.FullName, $"drover@{role}.service");
    }

    private static Task<(int ExitCode, string Output)> AnalyzeAsync(params string[] arguments) => Tool.RunAsync(
        new Dictionary<string, string>(), ["systemd-analyze", .. arguments], TestContext.Current.CancellationToken);

    [GeneratedRegex(@"\| ([0-9]\.[0-9]) \|$")]
    private static partial Regex LastCell();
}
