namespace Drover.EndToEnd.Delivery;

/// <summary>
/// The gateway's unit under a real systemd, from the installer on: port 80 without root, reloaded, killed, stopped.
/// </summary>
[Trait("tier", "heavy")]
public sealed class GatewayUnitTests
{
    private const string Unit = "drover@gateway.service";
    private const string Configuration = "/etc/drover/drover.yaml";

    // CAP_NET_BIND_SERVICE, capabilities(7), and nothing beside it.
    private const string BindAlone = "0000000000000400";

    [Fact]
    public async Task The_unit_has_port_80_with_no_other_right_reloads_comes_back_from_a_kill_and_stops_in_order()
    {
        await using var machine = await SystemdMachine.BootAsync(
            SystemdMachine.UnpackAsync, TestContext.Current.CancellationToken);

        // The group comes with the engine's package, which is not installed here.
        await machine.RunAsync("groupadd", "--system", "docker");
        await machine.RunAsync("sh", "-c", "/opt/drover-*/install.sh");
        await WriteAsync(machine, "gateway: { listen: '127.0.0.1:80' }");
        await machine.RunAsync("systemctl", "enable", "--now", Unit);
        await AnswersAsync(machine, " 404 ");

        var status = await machine.RunAsync("cat", $"/proc/{await PidAsync(machine)}/status");
        Assert.Contains($"\nCapEff:\t{BindAlone}\n", status, StringComparison.Ordinal);
        Assert.Contains($"\nUid:\t{await machine.RunAsync("id", "-u", "drover")}\t", status, StringComparison.Ordinal);

        var pid = await PidAsync(machine);
        await WriteAsync(
            machine,
            "gateway: { listen: '127.0.0.1:80', agents: { scout: { hostnames: [scout.test], policy: unmanaged, "
                + "address: 'http://127.0.0.1:1' } } }");
        await machine.RunAsync("systemctl", "reload", Unit);
        await AnswersAsync(machine, " 502 ");
        Assert.Equal(pid, await PidAsync(machine));
        Assert.Contains(
            "scout",
            await machine.RunAsync("env", "DROVER_DATA_DIR=/var/lib/drover/gateway", "drover", "gateway", "agents"),
            StringComparison.Ordinal);

        await machine.RunAsync("systemctl", "kill", "--signal=KILL", "--kill-whom=main", Unit);
        await SystemdMachine.UntilAsync(async () => await PidAsync(machine) is var now && now != pid && now != "0");
        await AnswersAsync(machine, " 502 ");

        await machine.RunAsync("systemctl", "stop", Unit);
        Assert.Equal("success", await machine.PropertyAsync(Unit, "Result"));
    }

    private static Task<string> WriteAsync(SystemdMachine machine, string text) =>
        machine.RunAsync("sh", "-c", $"mkdir -p /etc/drover && printf '%s\\n' \"{text}\" > {Configuration}");

    private static Task<string> PidAsync(SystemdMachine machine) => machine.PropertyAsync(Unit, "MainPID");

    private static Task AnswersAsync(SystemdMachine machine, string status) => SystemdMachine.UntilAsync(
        async () => (await AskAsync(machine)).Contains(status, StringComparison.Ordinal));

    /// <summary>The machine has no curl.</summary>
    private static async Task<string> AskAsync(SystemdMachine machine) => (await machine.TryAsync(
        "bash",
        "-c",
        "exec 3<>/dev/tcp/127.0.0.1/80; "
            + "printf 'GET / HTTP/1.1\\r\\nHost: scout.test\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3")).Output;
}
