using System.Net;
using Drover.Faults.Rig;
using Drover.Testing.Agents;
using Drover.Testing.Ledger;
using Drover.Wire;
using Drover.Wire.Client;
using Drover.Wire.Commands;

namespace Drover.Faults;

/// <summary>The disk of the server fills up under it, and is freed again.</summary>
public sealed class DiskFullTests
{
    private const int Megabytes = 12;
    private const int MostOrders = 2_000;
    private const int Absences = 3;

    [Fact]
    public async Task A_full_disk_of_the_server_refuses_orders_says_so_and_loses_nothing_and_room_mends_it()
    {
        using var disk = new SmallDisk(Megabytes);
        await using var rig = new DroverRig(
            "full", await PlayedRunEngine.StartAsync(), TestContext.Current.CancellationToken, disk.Path);
        await rig.RunContainerAsync("web");
        await rig.BeginAsync(null, null);
        await rig.KnowsAsync("web");
        await rig.OrderToEndAsync(CommandTypes.Restart, "web");
        Assert.Equal(HttpStatusCode.OK, await rig.Api.ReadinessAsync());

        disk.Fill();

        // What the log has already taken can be written over, so that a few orders more may be accepted, and are kept.
        ServerProblemException? problem = null;
        for (var order = 0; order < MostOrders && problem is null; order++)
        {
            problem = await rig.TryOrderAsync(CommandTypes.Health, "web");
        }

        Assert.NotNull(problem);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, problem.Status);
        Assert.Equal(Problems.StorageUnavailable, problem.Name);
        Assert.Contains("the disk is full", problem.Message, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await rig.Api.ReadinessAsync());
        for (var job = 0; job < 5; job++)
        {
            await rig.RunJobAsync($"job{job}", exitCode: job);
        }

        // What the server sees of the agent meanwhile it tells once it can.
        for (var count = 0; count < Absences; count++)
        {
            await rig.Api.StateAsync("live");
            await rig.Agent.StopAsync("TERM");
            await rig.Api.StateAsync("goodbye");
            rig.Agent.Start();
        }

        await rig.Api.StateAsync("live");

        // What the agent has of this it has on its own disk: it may even die.
        rig.Agent.Kill();
        await rig.Agent.FirstDeath;
        Assert.NotNull(await rig.TryOrderAsync(CommandTypes.Restart, "web"));

        disk.Free();

        await rig.OrderToEndAsync(CommandTypes.Restart, "web");
        var ledger = await rig.SettleAsync();
        Assert.Equal(HttpStatusCode.OK, await rig.Api.ReadinessAsync());
        Assert.Empty(LedgerChecker.Check(ledger));
        string[] absence = ["host.goodbye", "host.live"];
        Assert.Equal(
            ["host.live", .. Enumerable.Repeat(absence, Absences).SelectMany(both => both)],
            ledger.Events.Select(told => told.Type).Where(absence.Contains));
        Assert.Equal("ok", await rig.CheckDatabaseAsync());
    }
}
