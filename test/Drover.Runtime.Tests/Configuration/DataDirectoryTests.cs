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
    public void The_environment_wins_then_root_has_var_lib_and_a_user_their_home(
        uint user, string? chosen, string expected)
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
        var error = Assert.Throws<ConfigurationException>(
            () => DataDirectory.Default(new EnvironmentVariables(_ => null), 1000));

        Assert.Contains(EnvironmentVariables.DataDirectory, error.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_created_for_its_owner_alone()
    {
        var path = Path.Combine(_folder, "a/b");

        DataDirectory.Ensure(path);
        DataDirectory.Ensure(path);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.Empty(Directory.GetFileSystemEntries(path));
    }

    [Fact]
    public void A_file_in_its_place_is_refused_and_the_hint_says_how_to_choose_another()
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllText(path, "");

        var error = Assert.Throws<ConfigurationException>(() => DataDirectory.Ensure(path));

        Assert.Contains($"\"{path}\": it is a file", error.Message, StringComparison.Ordinal);
        Assert.Contains(EnvironmentVariables.DataDirectory, error.Hint, StringComparison.Ordinal);
    }
}
