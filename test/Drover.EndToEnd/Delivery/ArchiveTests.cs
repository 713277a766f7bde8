using System.Text.RegularExpressions;

namespace Drover.EndToEnd.Delivery;

/// <summary>
/// The archive that <c>make publish</c> leaves: what a stranger downloads, checks, installs and takes away.
/// </summary>
public sealed partial class ArchiveTests : IDisposable
{
    private const string Prefix = "/opt/drover";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drover-archive-");

    private static string Shipped => Path.Combine(Tool.Root, "artifacts/publish");

    private string Root => Path.Combine(_folder.FullName, "root");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task The_archive_bears_the_version_and_the_checksum_beside_it_is_right()
    {
        await using var machine = new Machine();
        var version =
            (await machine.RunAsync("version", "-o", "json")).MustBe(0).Json.GetProperty("version").GetString();

        Assert.Equal($"drover-{version}-linux-x64.tar.gz", Path.GetFileName(Archive()));
        await RunAsync("sh", "-c", $"cd '{Shipped}' && sha256sum --check --strict SHA256SUMS");
    }

    [Fact]
    public async Task Packing_again_elsewhere_at_another_time_gives_the_same_bytes()
    {
        var again = Path.Combine(_folder.FullName, "again");
        var time = await RunAsync("sh", "-c", $"tar -tvzf '{Archive()}' --utc --full-time | head -n 1");
        var packedAt = DateTimeOffset.Parse(
            Moment().Match(time).Value + "Z", System.Globalization.CultureInfo.InvariantCulture);

        await RunAsync(
            "env",
            "TZ=Asia/Tokyo",
            $"SOURCE_DATE_EPOCH={packedAt.ToUnixTimeSeconds()}",
            "sh",
            "-c",
            $"umask 077 && eng/pack.sh '{again}'");

        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(Shipped, "SHA256SUMS"), TestContext.Current.CancellationToken),
            await File.ReadAllTextAsync(Path.Combine(again, "SHA256SUMS"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Installed_below_a_root_of_its_own_it_runs_and_uninstalled_it_leaves_data_alone()
    {
        var unpacked = await UnpackAsync();
        var installed = await RunAsync(
            "env", $"PREFIX={Prefix}", $"DESTDIR={Root}", Path.Combine(unpacked, "install.sh"));
        Assert.Contains("is installed", installed, StringComparison.Ordinal);

        // The link is relative, so it works where the root stands now.
        Assert.StartsWith("drover ", await RunAsync($"{Root}{Prefix}/bin/drover", "version"), StringComparison.Ordinal);
        var unit = await File.ReadAllTextAsync(
            $"{Root}/etc/systemd/system/drover@.service", TestContext.Current.CancellationToken);
        Assert.Contains($"ExecStart={Prefix}/bin/drover %i", unit, StringComparison.Ordinal);
        var supervisor = await File.ReadAllTextAsync(
            $"{Root}/etc/systemd/system/drover@supervisor.service", TestContext.Current.CancellationToken);
        Assert.Contains($"ExecStart={Prefix}/bin/drover supervisor run", supervisor, StringComparison.Ordinal);
        Assert.Contains($"ExecReload={Prefix}/bin/drover supervisor reload", supervisor, StringComparison.Ordinal);
        Assert.Equal(
            [
                "drover@.service", "drover@gateway.service.d", "drover@host-agent.service.d",
                "drover@server.service.d", "drover@supervisor.service", "drover@up.service.d",
            ],
            Directory.GetFileSystemEntries($"{Root}/etc/systemd/system").Select(Path.GetFileName).Order());

        Directory.CreateDirectory($"{Root}/var/lib/drover/up");
        await File.WriteAllTextAsync(
            $"{Root}/var/lib/drover/up/server.db", "data", TestContext.Current.CancellationToken);
        Directory.CreateDirectory($"{Root}/etc/drover");
        var said = await RunAsync("env", $"DESTDIR={Root}", $"{Root}{Prefix}/lib/drover/uninstall.sh");

        Assert.Contains($"{Root}/var/lib/drover", said, StringComparison.Ordinal);
        Assert.Contains($"{Root}/etc/drover", said, StringComparison.Ordinal);
        Assert.Equal(
            [$"{Root}/var/lib/drover/up/server.db"], Directory.GetFiles(Root, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("PREFIX=relative", "absolute")]
    [InlineData("PREFIX=/opt/a b", "characters")]
    public async Task A_prefix_that_cannot_be_used_is_refused_in_a_sentence(string prefix, string why)
    {
        var unpacked = await UnpackAsync();

        var (exitCode, output) = await Tool.RunAsync(
            new Dictionary<string, string>(),
            ["env", prefix, $"DESTDIR={Root}", Path.Combine(unpacked, "install.sh")],
            TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        Assert.StartsWith("cannot install Drover: ", output, StringComparison.Ordinal);
        Assert.Contains(why, output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Root));
    }

    [Fact]
    public async Task Where_none_is_installed_uninstall_removes_nothing_and_says_so()
    {
        var unpacked = await UnpackAsync();
        Directory.CreateDirectory($"{Root}/etc/systemd/system");

        var (exitCode, output) = await Tool.RunAsync(
            new Dictionary<string, string>(),
            ["env", $"DESTDIR={Root}", Path.Combine(unpacked, "uninstall.sh")],
            TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        Assert.Contains("there is none", output, StringComparison.Ordinal);
        Assert.True(Directory.Exists($"{Root}/etc/systemd/system"));
    }

    private static string Archive() => Assert.Single(Directory.GetFiles(Shipped, "drover-*.tar.gz"));

    private async Task<string> UnpackAsync()
    {
        await RunAsync("tar", "-xzf", Archive(), "-C", _folder.FullName);
        return Assert.Single(Directory.GetDirectories(_folder.FullName, "drover-*"));
    }

    private static async Task<string> RunAsync(params string[] commandLine)
    {
        var (exitCode, output) = await Tool.RunAsync(
            new Dictionary<string, string>(), commandLine, TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0, output);
        return output;
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")]
    private static partial Regex Moment();
}
