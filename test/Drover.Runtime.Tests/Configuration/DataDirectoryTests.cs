using Drover.Runtime.Configuration;

namespace Drover.Runtime.Tests.Configuration;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("drover-data-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0u, null, "/var/lib/drover")]
    [InlineData(1000u, null, "/home/alice/.local/share/drover")]
    [InlineData(1000u, "/srv/drover", "/srv/drover")]
    [InlineData(0u, "/srv/drover", "/srv/drover")]
    public void The_environment_wins_then_root_has_var_lib_and_a_user_their_home(uint user, string? chosen, string expected)
    {
        var environment = new EnvironmentVariables(name => name switch
        {
            EnvironmentVariables.DataDirectory => chosen,
            "HOME" => "/home/alice",
            _ => null,
        });

        Assert.Equal(expected, DataDirectory.Default(environment, user));
    }

    [Fact]
    public void Without_a_home_the_sentence_says_what_to_set()
    {
        var error = Assert.Throws<ConfigurationException>(() => DataDirectory.Default(new EnvironmentVariables(_ => null), 1000));

        Assert.Contains(EnvironmentVariables.DataDirectory, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_created_for_its_owner_alone()
    {
        var path = Path.Combine(_folder, "a/b");

        DataDirectory.Ensure(path);
        DataDirectory.Ensure(path);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.Empty(Directory.GetFileSystemEntries(path));
    }

    [Fact]
    public void A_directory_that_belongs_to_another_is_refused_by_a_sentence_that_names_both()
    {
        var path = Path.Combine(_folder, "theirs");
        Directory.CreateDirectory(path);
        Chown(path, DataDirectory.EffectiveUser + 4321);

        var error = Assert.Throws<ConfigurationException>(() => DataDirectory.Ensure(path));

        Assert.Contains($"\"{path}\": it belongs to the user with id", error.Message, StringComparison.Ordinal);
        Assert.Contains(EnvironmentVariables.DataDirectory, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_in_its_place_is_said()
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "");

        Assert.EndsWith("it is a file", Assert.Throws<ConfigurationException>(() => DataDirectory.Ensure(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_directory_that_cannot_be_written_is_refused() =>
        Assert.Contains(
            "cannot use the data directory \"/proc/drover\"",
            Assert.Throws<ConfigurationException>(() => DataDirectory.Ensure("/proc/drover")).Message,
            StringComparison.Ordinal);

    private static void Chown(string path, uint user)
    {
        using var chown = System.Diagnostics.Process.Start("chown", [user.ToString(), path]);
        chown.WaitForExit();
        Assert.True(chown.ExitCode == 0, "this test needs root: chown failed");
    }
}
