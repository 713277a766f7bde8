using System.Text.Json;
using Drover.Commands;
using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Testing.Agents;

namespace Drover.Cli.Tests;

public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Folder => _directory.Path;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("log_level: info\n", "server and host agent")]
    [InlineData("host_agent:\n  policy:\n    monitor_only: true\n", "server and host agent")]
    [InlineData("server:\nhost_agent:\n  server: http://127.0.0.1:7781\n", "server and host agent")]
    [InlineData("server:\n  listen: 127.0.0.1:7790\n", "server")]
    [InlineData("host_agent:\n  server: http://127.0.0.1:7781\n", "host agent")]
    [InlineData("supervisor:\n  components: {}\n", "supervisor")]
    [InlineData("supervisor:\nserver:\n", "server and supervisor")]
    [InlineData("supervisor:\nhost_agent:\n", "server, host agent and supervisor")]
    [InlineData("supervisor:\nhost_agent:\n  server: http://127.0.0.1:7781\n", "host agent and supervisor")]
    public void Up_runs_server_and_host_agent_unless_the_file_leaves_no_doubt(string text, string roles) =>
        Assert.Equal(roles, UpGreeting.RolesOf(Settings.Load(Write(text), Environment())));

    [Fact]
    public async Task Config_show_has_the_same_values_for_programs_as_for_people()
    {
        var file = Write("server:\n  listen: 127.0.0.1:7790\n");
        var run = new CliRun().With("DROVER_DATA_DIR", Folder).With("DOCKER_HOST", "unix:///run/other.sock");

        Assert.Equal(ExitCode.Ok, await run.RunAsync("config", "show", "-o", "json", "--config", file));

        var shown = JsonDocument.Parse(run.Out.ToString()).RootElement;
        Assert.Equal((Folder, "DROVER_DATA_DIR"), Value(shown, "data_dir"));
        Assert.Equal(("unix:///run/other.sock", "DOCKER_HOST"), Value(shown, "host_agent.docker_host"));
        Assert.Equal(("127.0.0.1:7790", file), Value(shown, "server.listen"));
        Assert.Equal((null, "default"), Value(shown, "host_agent.server"));
        Assert.Equal((null, "default"), Value(shown, "host_agent.local_api"));
        Assert.Equal(
            JsonValueKind.False, shown.GetProperty("host_agent.policy.monitor_only").GetProperty("value").ValueKind);
    }

    [Fact]
    public async Task A_docker_address_that_is_none_is_refused_with_its_place()
    {
        var file = Write("host_agent:\n  docker_host: banana\n");
        var run = new CliRun();

        Assert.Equal(ExitCode.ConfigInvalid, await run.RunAsync("config", "check", "--config", file));
        Assert.Contains($"{file}:2:16: host_agent.docker_host cannot be used:", run.Error.ToString());
    }

    [Theory]
    [InlineData("server:\n  listen: [a, b\nhost_agent:\n  name: x\n", 2)]
    [InlineData("log_level: info\nserver:\n listen: x\n   y: z\n", 2)]
    [InlineData("log_level: info\n\tserver: x\n", 1)]
    public void Broken_yaml_is_refused_with_the_line_where_reading_ended(string text, int earliestLine)
    {
        var problem = Assert.Single(Settings.Read(Write(text), Environment()).Problems);

        Assert.True(problem.Line >= earliestLine, problem.ToString());
    }

    [Fact]
    public async Task Doctor_shows_each_problem_of_the_file_and_goes_on()
    {
        var file = Write("server:\n  lisen: x\nhost_agent:\n  docker_host: banana\n");
        var run = new CliRun().With("DROVER_DATA_DIR", Folder).With("DOCKER_HOST", "unix:///nonexistent.sock");

        Assert.Equal(ExitCode.Failed, await run.RunAsync("doctor", "--config", file));

        var lines = run.Out.ToString().Split('\n');
        Assert.Equal(2, lines.Count(line => line.StartsWith("fail  configuration", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.Contains("  sqlite", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("fail  docker", StringComparison.Ordinal));
    }

    private static (string? Value, string? From) Value(JsonElement shown, string key)
    {
        var one = shown.GetProperty(key);
        return (one.GetProperty("value").GetString(), one.GetProperty("from").GetString());
    }

    private string Write(string text)
    {
        var file = Path.Combine(Folder, "drover.yaml");
        File.WriteAllText(file, text);
        return file;
    }

    private EnvironmentVariables Environment() => new(name => name == "DROVER_DATA_DIR" ? Folder : null);
}
