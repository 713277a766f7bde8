using Drover.Faults.Rig;
using Drover.Testing.Docker;
using Drover.Testing.Network;
using Drover.Wire.Commands;

namespace Drover.Faults;

/// <summary>
/// A second machine: a network namespace with an engine of its own joins over TLS by the line that was printed for it,
/// loses the network, and comes back. The ledger then has everything once and in order.
/// </summary>
public sealed class SecondHostTests
{
    [Fact]
    [Trait("tier", "heavy")]
    public async Task A_second_host_joins_by_one_line_loses_the_network_and_nothing_is_lost_or_doubled()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var machine = NetworkNamespace.Create();
        await using var engine = await DockerEngine.StartInAsync(machine);
        var found = await FaultRun.OnAsync(engine, machine, rig => LiveAsync(rig, machine), cancellationToken);

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    [Trait("tier", "heavy")]
    public async Task Hosts_follow_a_new_certificate_over_a_cut_and_a_death_without_being_touched()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        using var machine = NetworkNamespace.Create();
        await using var engine = await DockerEngine.StartInAsync(machine);
        var found = await FaultRun.OnAsync(engine, machine, rig => RotateAsync(rig, machine), cancellationToken);

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    private static async Task LiveAsync(DroverRig rig, NetworkNamespace machine)
    {
        await rig.RunContainerAsync("web");
        await rig.RunContainerAsync("api");
        await rig.BeginAsync(serverFault: null, agentFault: null);
        await rig.KnowsAsync("web", "api");
        await rig.OrderToEndAsync(CommandTypes.Restart, "web");

        machine.PullCable();
        await rig.Api.HostIsAsync("late");
        await rig.OrderAsync(CommandTypes.Restart, "web");
        await rig.OrderAsync(CommandTypes.Stop, "api");
        await rig.RunJobAsync("job", exitCode: 3);
        await rig.KillContainerAsync("web");
        machine.PlugCable();

        await rig.Api.HostIsAsync("live");
        await rig.OrderToEndAsync(CommandTypes.Start, "web");
        await rig.OrderToEndAsync(CommandTypes.Start, "api");

        // Once more, and the server dies while nobody can reach it.
        machine.PullCable();
        await rig.OrderAsync(CommandTypes.Restart, "api");
        rig.Server.Kill();
        await rig.KillContainerAsync("web");
        await rig.RemoveContainerAsync("job");
        machine.PlugCable();
        await rig.Api.HostIsAsync("live");
    }

    private static async Task RotateAsync(DroverRig rig, NetworkNamespace machine)
    {
        await rig.RunContainerAsync("web");
        await rig.BeginAsync(serverFault: null, agentFault: null);
        await rig.KnowsAsync("web");
        var before = (await rig.Api.CertificateAsync()).Pin;

        await rig.Api.RotateCertificateAsync(TimeSpan.FromHours(1));
        await rig.Api.HostsKnowNextCertificateAsync();
        machine.PullCable();
        await rig.Api.RotateCertificateAsync(TimeSpan.Zero);
        Assert.NotEqual(before, (await rig.Api.CertificateAsync()).Pin);
        rig.Agent.Kill();
        rig.Server.Kill();
        machine.PlugCable();

        await rig.OrderToEndAsync(CommandTypes.Restart, "web");
        await rig.Api.HostIsAsync("live");
    }
}
