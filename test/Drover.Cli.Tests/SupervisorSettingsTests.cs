using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Supervisor;

namespace Drover.Cli.Tests;

/// <summary>What a supervisor and its components get of the environment.</summary>
public sealed class SupervisorSettingsTests
{
    private static readonly string Token = $"dre_{new string('A', 43)}";

    [Fact]
    public void A_component_gets_what_it_needs_to_be_at_home_and_nothing_that_happens_to_be_set()
    {
        var foundation = SupervisorSettings.Foundation(Environment(new()
        {
            ["PATH"] = "/bin",
            ["HOME"] = "/home/alice",
            ["TZ"] = "UTC",
            ["DROVER_TOKEN"] = "secret",
            ["NOTIFY_SOCKET"] = "/run/notify",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
        }));

        Assert.Equal(
            ["HOME=/home/alice", "PATH=/bin", "TZ=UTC"],
            foundation.Select(one => $"{one.Key}={one.Value}").Order());
        Assert.Contains("/usr/bin", SupervisorSettings.Foundation(Environment([]))["PATH"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30000000", null, 30.0)]
    [InlineData("30000000", "42", 30.0)]
    [InlineData("30000000", "43", null)]
    [InlineData("soon", null, null)]
    [InlineData("0", null, null)]
    [InlineData(null, null, null)]
    public void The_service_manager_is_told_only_what_it_asked_this_process_for(
        string? microseconds, string? process, double? seconds)
    {
        var variables = new Dictionary<string, string>();
        if (microseconds is not null)
        {
            variables["WATCHDOG_USEC"] = microseconds;
        }

        if (process is not null)
        {
            variables["WATCHDOG_PID"] = process;
        }

        Assert.Equal(seconds, SupervisorSettings.Watchdog(Environment(variables), 42)?.TotalSeconds);
    }

    [Fact]
    public void Where_nothing_speaks_of_a_server_there_is_none()
    {
        Assert.Null(Server("supervisor:\n  components: {}\n", new() { ["DROVER_ENROLL_TOKEN"] = Token }));
        Assert.Null(Server("host_agent:\n  server: https://10.0.0.5:7780\n", []));
    }

    [Fact]
    public void The_server_of_events_is_named_in_the_section_and_the_name_is_the_hosts_with_what_it_is()
    {
        const string Text = "host_agent:\n  name: box\nsupervisor:\n  server: https://10.0.0.5:7780\n";
        var server = Server(Text, new() { ["DROVER_ENROLL_TOKEN"] = Token })!;

        Assert.Equal("https://10.0.0.5:7780/", $"{server.Address}");
        Assert.Equal("box-supervisor", server.Name);
        Assert.Equal(Token, server.Token!.Reveal());
        Assert.EndsWith("/data/supervisor/uplink/agent.json", server.CredentialsPath, StringComparison.Ordinal);
        Assert.Equal("alice", Server($"{Text}  name: alice\n", [])!.Name);
    }

    [Fact]
    public void In_a_process_with_a_host_agent_the_token_of_the_environment_is_that_ones() => Assert.Null(Server(
        "supervisor:\n  server: https://10.0.0.5:7780\n",
        new() { ["DROVER_ENROLL_TOKEN"] = Token },
        takesToken: false)!.Token);

    [Theory]
    [InlineData("server: http://10.0.0.5:7780", "cannot use supervisor.server \"http://10.0.0.5:7780/\": plain http")]
    [InlineData("server_pin: sha256:short", "cannot use supervisor.server_pin \"sha256:short\": it must be ")]
    [InlineData("enroll_token: banana", "supervisor.enroll_token is a secret")]
    public void What_cannot_work_is_refused_before_anything_starts(string line, string sentence) => Assert.Contains(
        SupervisorFile.Problems($"supervisor:\n  {line}\n"),
        problem => problem.Contains(sentence, StringComparison.Ordinal));

    private static SupervisorServerOptions? Server(
        string text, Dictionary<string, string> variables, bool takesToken = true)
    {
        using var file = new SupervisorFile(text);
        variables["DROVER_DATA_DIR"] = Path.Combine(file.Directory, "data");
        var environment = Environment(variables);
        return SupervisorSettings.Server(Settings.Load(file.Path, environment), environment, takesToken);
    }

    private static EnvironmentVariables Environment(Dictionary<string, string> variables) =>
        new(variables.GetValueOrDefault);
}
