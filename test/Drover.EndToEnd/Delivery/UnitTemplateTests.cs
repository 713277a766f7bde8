namespace Drover.EndToEnd.Delivery;

/// <summary>The systemd unit template, read by systemd's own checker.</summary>
public sealed class UnitTemplateTests
{
    private const string Template = "deploy/systemd/drover@.service";

    [Theory]
    [InlineData("server")]
    [InlineData("host-agent")]
    [InlineData("up")]
    public async Task The_unit_template_is_valid_for_each_role(string role)
    {
        var folder = Directory.CreateTempSubdirectory("drover-unit-");
        try
        {
            // The checker insists that the program is there; only its path is put in place of the installed one.
            var unit =
                await File.ReadAllTextAsync(Path.Combine(Tool.Root, Template), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(folder.FullName, "drover@.service"),
                unit.Replace("/usr/local/bin/drover", "/bin/true", StringComparison.Ordinal),
                TestContext.Current.CancellationToken);

            var (exitCode, output) = await Tool.RunAsync(
                new Dictionary<string, string>(),
                ["systemd-analyze", "verify", "--man=no", Path.Combine(folder.FullName, $"drover@{role}.service")],
                TestContext.Current.CancellationToken);

            Assert.True(exitCode == 0, output);
            Assert.DoesNotContain("Unknown", output, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
