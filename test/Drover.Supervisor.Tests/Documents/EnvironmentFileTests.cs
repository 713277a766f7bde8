using Drover.Runtime.Configuration;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Tests.Documents;

public sealed class EnvironmentFileTests
{
    [Fact]
    public void Lines_are_variables_comments_are_left_out_and_one_pair_of_quotes_is_taken_off()
    {
        var variables = EnvironmentFile.Parse(
            "# a comment\n\nPLAIN=a b\r\nexport EXPORTED=1\nQUOTED=\"x # y\"\n"
                + "SINGLE='$HOME'\nEMPTY=\nEQUALS=a=b\nHALF=\"x\n",
            "web.env");

        Assert.Equal(
            ["PLAIN=a b", "EXPORTED=1", "QUOTED=x # y", "SINGLE=$HOME", "EMPTY=", "EQUALS=a=b", "HALF=\"x"],
            variables.Select(one => $"{one.Key}={one.Value}"));
    }

    [Theory]
    [InlineData("A=1\nsecret-without-a-name\n", 2)]
    [InlineData("1A=x\n", 1)]
    [InlineData("A=1\n\n=x\n", 3)]
    [InlineData("A B=x\n", 1)]
    [InlineData("A=\0\n", 1)]
    public void A_line_that_is_none_is_told_by_its_number_and_never_by_its_text(string text, int line)
    {
        var error = Assert.Throws<ConfigurationException>(() => EnvironmentFile.Parse(text, "web.env"));

        Assert.Equal(
            $"cannot read the environment file \"web.env\": line {line} is not NAME=value", error.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_or_a_directory_is_told_as_such()
    {
        var folder = Directory.CreateTempSubdirectory("drover-env-").FullName;
        try
        {
            var missing = Path.Combine(folder, "web.env");
            Assert.Equal(
                $"cannot read the environment file \"{missing}\": there is no such file",
                Assert.Throws<ConfigurationException>(() => EnvironmentFile.Read(missing)).Message);
            Assert.Equal(
                $"cannot read the environment file \"{folder}\": it is a directory",
                Assert.Throws<ConfigurationException>(() => EnvironmentFile.Read(folder)).Message);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }
}
