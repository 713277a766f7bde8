using System.Globalization;
using System.Text.Json;

namespace Drover.EndToEnd.Delivery;

/// <summary>
/// The supervisor's unit under a real systemd, from the installer on: ready when it can be asked, reloaded, killed,
/// hanging, stopped. What it keeps runs on through all but the stop.
/// </summary>
[Trait("tier", "heavy")]
public sealed class SupervisorUnitTests
{
    private const string Unit = "drover@supervisor.service";
    private const string Configuration = "/etc/drover/drover.yaml";
    private const string Web = "web: { command: [sleep, \"1000\"] }";
    private const string Forks = "forks: { command: [sh, -c, \"(setsid sleep 1001 &); exec sleep 1002\"] }";

    [Fact]
    public async Task The_unit_starts_reloads_survives_kill_and_hang_with_its_components_and_stops_without_a_rest()
    {
        await using var machine = await SystemdMachine.BootAsync(
            SystemdMachine.UnpackAsync, TestContext.Current.CancellationToken);
        await machine.RunAsync("sh", "-c", "/opt/drover-*/install.sh");

        await BrokenFileFailsLoudlyAsync(machine);
        await StartsAsync(machine);
        await ReloadsAsync(machine);
        await SurvivesAKillAsync(machine);
        await SurvivesAHangAsync(machine);
        await StopsAsync(machine);

        await machine.RunAsync("systemctl", "start", Unit);
        var pid = await PidAsync(machine, "web");
        await machine.RunAsync("/usr/local/lib/drover/uninstall.sh");
        Assert.NotEqual(0, (await machine.TryAsync("test", "-e", $"/proc/{pid}")).ExitCode);
        Assert.Equal(
            "", (await machine.TryAsync("systemctl", "list-unit-files", "--no-legend", "drover*")).Output.Trim());
    }

    private static async Task BrokenFileFailsLoudlyAsync(SystemdMachine machine)
    {
        await WriteAsync(machine, "web: { comand: a }");

        var (exitCode, said) = await machine.TryAsync("systemctl", "start", Unit);

        Assert.NotEqual(0, exitCode);
        Assert.Contains("failed", said, StringComparison.Ordinal);
        await SystemdMachine.UntilAsync(async () =>
            (await machine.TryAsync("journalctl", "--no-pager", "--unit", Unit)).Output
                .Contains("did you mean \"command\"?", StringComparison.Ordinal));
    }

    private static async Task StartsAsync(SystemdMachine machine)
    {
        await machine.RunAsync("systemctl", "stop", Unit);
        await WriteAsync(machine, Web, Forks);
        await machine.RunAsync("systemctl", "enable", "--now", Unit);

        // systemctl came back because it heard that the supervisor can be asked.
        Assert.Equal("first", (await StatusAsync(machine)).GetProperty("previous_end").GetString());
        var pid = await PidAsync(machine, "web");
        await SystemdMachine.UntilAsync(async () =>
            await machine.PropertyAsync(Unit, "StatusText") == "2 components: 2 running");
        var user = await machine.RunAsync("stat", "-c", "%U", $"/proc/{pid}");
        Assert.Equal("drover", user);
        Assert.Equal("700 drover", await machine.RunAsync("stat", "-c", "%a %U", "/var/lib/drover/supervisor"));
        if (Directory.Exists("/sys/fs/cgroup/unified") || File.Exists("/sys/fs/cgroup/cgroup.controllers"))
        {
            var group = await machine.RunAsync("grep", "^0::", $"/proc/{pid}/cgroup");
            Assert.StartsWith("0::/system.slice/", group, StringComparison.Ordinal);
            Assert.Contains($"/{Unit}/drover.", group, StringComparison.Ordinal);
            Assert.EndsWith("/c.web", group, StringComparison.Ordinal);
        }
    }

    private static async Task ReloadsAsync(SystemdMachine machine)
    {
        var main = await machine.PropertyAsync(Unit, "MainPID");
        var pid = await PidAsync(machine, "web");
        await WriteAsync(machine, Web, Forks, "late: { command: [sleep, \"1003\"] }");
        await machine.RunAsync("systemctl", "reload", Unit);
        _ = await PidAsync(machine, "late");

        await WriteAsync(machine, "web: { comand: a }");
        var (exitCode, _) = await machine.TryAsync("systemctl", "reload", Unit);
        Assert.NotEqual(0, exitCode);
        await machine.RunAsync("systemctl", "kill", "--signal=HUP", "--kill-whom=main", Unit);
        await SystemdMachine.UntilAsync(async () => (await machine.PropertyAsync(Unit, "StatusText"))
            .EndsWith("; nothing was changed", StringComparison.Ordinal));
        Assert.Equal("active", await machine.PropertyAsync(Unit, "ActiveState"));
        Assert.Equal(main, await machine.PropertyAsync(Unit, "MainPID"));
        Assert.Equal(pid, await PidAsync(machine, "web"));
        await WriteAsync(machine, Web, Forks);
        await machine.RunAsync("systemctl", "reload", Unit);
    }

    private static async Task SurvivesAKillAsync(SystemdMachine machine)
    {
        var before = await InstancesAsync(machine);

        await machine.RunAsync("systemctl", "kill", "--signal=KILL", "--kill-whom=main", Unit);

        await AnotherAsync(machine, restarts: 1);
        Assert.Equal(before, await InstancesAsync(machine));
    }

    /// <summary>With a short watchdog, so that the test is shorter than the unit's minute.</summary>
    private static async Task SurvivesAHangAsync(SystemdMachine machine)
    {
        await machine.RunAsync(
            "sh",
            "-c",
            $"mkdir -p /run/systemd/system/{Unit}.d && "
            + $"printf '[Service]\\nWatchdogSec=3\\nTimeoutStopSec=3\\n' > /run/systemd/system/{Unit}.d/short.conf && "
            + "systemctl daemon-reload");
        var before = await InstancesAsync(machine);
        await machine.RunAsync("systemctl", "kill", "--signal=KILL", "--kill-whom=main", Unit);
        await AnotherAsync(machine, restarts: 2);

        // It is fed: the unit lives through several times the watchdog.
        var fed = await FedAtAsync(machine);
        await SystemdMachine.UntilAsync(async () => await FedAtAsync(machine) > fed + 9_000_000);
        Assert.Equal("2", await machine.PropertyAsync(Unit, "NRestarts"));

        await machine.RunAsync("systemctl", "kill", "--signal=STOP", "--kill-whom=main", Unit);
        await AnotherAsync(machine, restarts: 3);
        Assert.Equal(before, await InstancesAsync(machine));
    }

    private static async Task StopsAsync(SystemdMachine machine)
    {
        // A grace that is longer than the three seconds that systemd gives by now.
        await WriteAsync(
            machine,
            Web,
            Forks,
            "slow: { command: [sh, -c, \"trap '' TERM; while :; do sleep 1; done\"], stop: { grace: 8s } }");
        await machine.RunAsync("systemctl", "reload", Unit);
        var slow = await PidAsync(machine, "slow");
        Assert.Contains("/cmdline", await SleepingAsync(machine), StringComparison.Ordinal);

        await machine.RunAsync("systemctl", "stop", Unit);

        Assert.Equal("success", await machine.PropertyAsync(Unit, "Result"));
        Assert.NotEqual(0, (await machine.TryAsync("test", "-e", $"/proc/{slow}")).ExitCode);

        Assert.DoesNotContain("/cmdline", await SleepingAsync(machine), StringComparison.Ordinal);
        await machine.RunAsync("rm", $"/run/systemd/system/{Unit}.d/short.conf");
        await machine.RunAsync("systemctl", "daemon-reload");
    }

    private static async Task AnotherAsync(SystemdMachine machine, int restarts)
    {
        await SystemdMachine.UntilAsync(async () =>
            await machine.PropertyAsync(Unit, "NRestarts") == restarts.ToString(CultureInfo.InvariantCulture)
            && await machine.PropertyAsync(Unit, "ActiveState") == "active");
        Assert.Equal("crash", (await StatusAsync(machine)).GetProperty("previous_end").GetString());
    }

    /// <summary>What runs as sleep: the components, and the one that escaped from its session.</summary>
    private static async Task<string> SleepingAsync(SystemdMachine machine) => (await machine.TryAsync(
        "find", "/proc", "-maxdepth", "2", "-name", "cmdline", "-exec", "grep", "-als", "^sleep", "{}", ";")).Output;

    private static async Task<long> FedAtAsync(SystemdMachine machine) => long.Parse(
        await machine.PropertyAsync(Unit, "WatchdogTimestampMonotonic"), CultureInfo.InvariantCulture);

    private static Task<string> WriteAsync(SystemdMachine machine, params string[] components)
    {
        string[] lines = ["supervisor:", "  components:", .. components.Select(one => "    " + one)];
        return machine.RunAsync(
            ["sh", "-c", $"mkdir -p /etc/drover && printf '%s\\n' \"$@\" > {Configuration}", "sh", .. lines]);
    }

    private static async Task<JsonElement> StatusAsync(SystemdMachine machine) => JsonDocument.Parse(
        await machine.RunAsync(
            "env", "DROVER_DATA_DIR=/var/lib/drover/supervisor", "drover", "supervisor", "status", "-o", "json"))
        .RootElement;

    /// <summary>Process and number of each component that runs.</summary>
    private static async Task<string> InstancesAsync(SystemdMachine machine) => string.Join(
        ", ",
        (await StatusAsync(machine)).GetProperty("components").EnumerateArray()
            .Select(one => $"{one.GetProperty("name")} {one.GetProperty("pid")} {one.GetProperty("instance")}"));

    /// <summary>The process of a component, once it runs.</summary>
    private static async Task<int> PidAsync(SystemdMachine machine, string component)
    {
        var pid = 0;
        await SystemdMachine.UntilAsync(async () =>
        {
            var found = (await StatusAsync(machine)).GetProperty("components").EnumerateArray()
                .SingleOrDefault(one => one.GetProperty("name").GetString() == component);
            return found.ValueKind is JsonValueKind.Object
                && found.GetProperty("state").GetString() == "running"
                && found.GetProperty("pid").TryGetInt32(out pid);
        });
        return pid;
    }
}
