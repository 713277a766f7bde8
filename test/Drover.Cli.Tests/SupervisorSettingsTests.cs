using Drover.Configuration;
using Drover.Runtime.Configuration;

namespace Drover.Cli.Tests;

/// <summary>What a supervisor and its components get of the environment.</summary>
public sealed class SupervisorSettingsTests
{
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

    private static EnvironmentVariables Environment(Dictionary<string, string> variables) =>
        new(variables.GetValueOrDefault);
}
