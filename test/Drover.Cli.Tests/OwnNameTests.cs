using Drover.Runtime.Configuration;
using Drover.Testing.Agents;

namespace Drover.Cli.Tests;

public sealed class OwnNameTests
{
    [Fact]
    public void What_is_on_the_path_is_called_by_its_name_also_behind_a_link()
    {
        using var machine = new TemporaryDirectory();
        var installed = File(machine, "lib/drover/drover");
        Directory.CreateDirectory(machine.File("bin"));
        System.IO.File.CreateSymbolicLink(machine.File("bin/drover"), installed);
        var environment = Path(machine.File("nowhere"), machine.File("bin"));

        Assert.Equal("drover", OwnName.Of(environment, installed, machine.Path));
        Assert.Equal("drover", OwnName.Of(environment, executable: null, machine.Path));
    }

    [Fact]
    public void What_is_not_on_the_path_is_called_by_the_way_to_it()
    {
        using var machine = new TemporaryDirectory();
        var built = File(machine, "drover");

        Assert.Equal("./drover", OwnName.Of(Path("/usr/bin"), built, machine.Path));
        Assert.Equal(built, OwnName.Of(Path("/usr/bin"), built, "/"));
        Assert.Equal("'/home/al ice/it'\\''s/drover'", OwnName.Of(Path(), "/home/al ice/it's/drover", "/"));
    }

    [Fact]
    public void Another_drover_on_the_path_is_not_this_one()
    {
        using var machine = new TemporaryDirectory();
        var built = File(machine, "checkout/drover");
        File(machine, "bin/drover");

        Assert.Equal(built, OwnName.Of(Path(machine.File("bin")), built, "/"));
    }

    [Fact]
    public void What_a_drover_was_told_is_said_again_to_the_verbs_that_are_to_find_it()
    {
        var environment = new EnvironmentVariables(
            name => name is "DROVER_DATA_DIR" ? "/srv/my data" : name is "PATH" ? "/usr/bin" : null);

        Assert.Equal(
            "DROVER_DATA_DIR='/srv/my data' /opt/drover",
            OwnName.Again(environment, "/srv/my data", configFile: null, "/opt/drover", "/"));
        Assert.Equal(
            "/opt/drover --config /etc/other.yaml",
            OwnName.Again(Path("/usr/bin"), "/srv/data", "other.yaml", "/opt/drover", "/etc"));
    }

    private static EnvironmentVariables Path(params string[] folders) =>
        new(name => name == "PATH" ? string.Join(':', folders) : null);

    private static string File(TemporaryDirectory machine, string name)
    {
        var path = machine.File(name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, "");
        return path;
    }
}
