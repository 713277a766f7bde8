using System.Globalization;
using System.Text.Json;

namespace Drover.EndToEnd.Delivery;

/// <summary>The archive on a machine with systemd, from the installer to the uninstaller as the how-to says.</summary>
[Trait("tier", "heavy")]
public sealed class SystemdTests
{
    private const string Up = "drover@up.service";
    private const string Server = "drover@server.service";

    [Fact]
    public async Task Installed_units_run_come_back_from_a_kill_are_tried_until_they_can_start_and_leave_data_behind()
    {
        await using var machine = await SystemdMachine.BootAsync(
            SystemdMachine.UnpackAsync, TestContext.Current.CancellationToken);

        // The group comes with the engine's package, which is not installed here.
        await machine.RunAsync("groupadd", "--system", "docker");
        await machine.RunAsync("sh", "-c", "/opt/drover-*/install.sh");
        await machine.RunAsync("systemctl", "enable", "--now", "drover@up");
        await ActiveAsync(machine, Up);
        var before = await HostAsync(machine);
        Assert.Equal(await machine.RunAsync("id", "-u", "drover"), await UserOfAsync(machine));
        Assert.Equal("700 drover", await machine.RunAsync("stat", "-c", "%a %U", "/var/lib/drover/up"));

        await KilledIsBackAsync(machine);
        Assert.Equal(before, await HostAsync(machine));

        await TriedUntilItCanStartAsync(machine);

        await machine.RunAsync("/usr/local/lib/drover/uninstall.sh");
        Assert.Equal("inactive", (await machine.TryAsync("systemctl", "is-active", "drover@up")).Output.Trim());
        Assert.Equal(
            "", (await machine.TryAsync("systemctl", "list-unit-files", "--no-legend", "drover*")).Output.Trim());
        await machine.RunAsync("test", "-s", "/var/lib/drover/up/server.db");
    }

    private static async Task KilledIsBackAsync(SystemdMachine machine)
    {
        var pid = await machine.PropertyAsync(Up, "MainPID");
        await machine.RunAsync("systemctl", "kill", "--signal=KILL", "--kill-whom=main", Up);
        await SystemdMachine.UntilAsync(
            async () => await machine.PropertyAsync(Up, "MainPID") is var now && now != pid && now != "0");
        await ActiveAsync(machine, Up);
    }

    /// <summary>Its port is taken for longer than systemd has patience: five starts in ten seconds.</summary>
    private static async Task TriedUntilItCanStartAsync(SystemdMachine machine)
    {
        await machine.TryAsync("systemctl", "start", "drover@server");
        await SystemdMachine.UntilAsync(async () => int.Parse(
            await machine.PropertyAsync(Server, "NRestarts"), CultureInfo.InvariantCulture) > 6);
        Assert.NotEqual("failed", await machine.PropertyAsync(Server, "ActiveState"));

        await machine.RunAsync("systemctl", "stop", "drover@up");
        Assert.Equal("success", await machine.PropertyAsync(Up, "Result"));
        await ActiveAsync(machine, Server);
        await SystemdMachine.UntilAsync(async () => (await machine.TryAsync(
            "env", "DROVER_DATA_DIR=/var/lib/drover/server", "drover", "hosts")).ExitCode == 0);
        await machine.RunAsync("systemctl", "stop", "drover@server");
    }

    private static Task ActiveAsync(SystemdMachine machine, string unit) => SystemdMachine.UntilAsync(
        async () => await machine.PropertyAsync(unit, "ActiveState") == "active");

    /// <summary>The id of the one host, once it is there; without an engine it is docker_down.</summary>
    private static async Task<string> HostAsync(SystemdMachine machine)
    {
        var id = "";
        await SystemdMachine.UntilAsync(async () =>
        {
            var (exitCode, output) = await machine.TryAsync(
                "env", "DROVER_DATA_DIR=/var/lib/drover/up", "drover", "hosts", "-o", "json");
            if (exitCode != 0)
            {
                return false;
            }

            var host = JsonDocument.Parse(output).RootElement.EnumerateArray().Single();
            id = host.GetProperty("host_id").GetString()!;
            return host.GetProperty("state").GetString() == "docker_down";
        });
        return id;
    }

    private static async Task<string> UserOfAsync(SystemdMachine machine)
    {
        var pid = await machine.PropertyAsync(Up, "MainPID");
        var line = await machine.RunAsync("grep", "^Uid:", $"/proc/{pid}/status");
        return line.Split('\t')[1];
    }
}
