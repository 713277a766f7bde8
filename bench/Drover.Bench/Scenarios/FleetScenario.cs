using System.Diagnostics;
using Drover.Bench.Fleet;

namespace Drover.Bench.Scenarios;

/// <summary>One server and simulated hosts on one machine: what it costs idle, under churn, and after a kill.</summary>
internal static class FleetScenario
{
    private const double ChurnAMinute = 0.01;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>100 hosts of 100 containers, idle and with 1 % of the containers restarted every minute.</summary>
    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        using var space = new Workspace();
        await using var server = await MeasuredServer.StartAsync(published, space, cancellationToken);
        await using var fleet = await SimulatedFleet.JoinAsync(
            server.Address, server.Api, scale.Hosts, scale.ContainersPerHost, cancellationToken);

        // The first heartbeats are over and spread; late writes of the joining are done.
        await Task.Delay(TimeSpan.FromSeconds(10), cancellationToken);
        var hosts = $"{scale.Hosts} hosts of {scale.ContainersPerHost} containers";
        var idle = await server.WatchAsync(Task.Delay(scale.Window, cancellationToken), cancellationToken);
        var churn = await server.WatchAsync(
            fleet.ChurnAsync(
                scale.Hosts * scale.ContainersPerHost * ChurnAMinute, scale.Window, cancellationToken),
            cancellationToken);
        return
        [
            new Figure($"server CPU, {hosts}, idle", "% of a core", [idle.CpuPercent], "max", 5),
            new Figure($"server CPU, {hosts}, 1 % churn a minute", "% of a core", [churn.CpuPercent], "max", 10),
            new Figure($"server resident memory, {hosts}", "MB", [idle.Resident, churn.Resident], "max", 200),
            new Figure($"rows written, {hosts}, idle", "1/s", [idle.RowsPerSecond], "max", 0.5),
            // A restarted container is five rows: itself, its two events, and the host's place after each message.
            new Figure($"rows written, {hosts}, 1 % churn a minute", "1/s", [churn.RowsPerSecond], "max", 10),
            new Figure($"calls that failed, {hosts}", "calls", [Told(fleet.Ledger)], "max", 0),
        ];
    }

    /// <summary>The server of 1,000 hosts is killed and started again: all come back, by their own pacing.</summary>
    public static async Task<IReadOnlyList<Figure>> StormAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        using var space = new Workspace();
        await using var server = await MeasuredServer.StartAsync(published, space, cancellationToken);
        await using var fleet = await SimulatedFleet.JoinAsync(
            server.Address, server.Api, scale.StormHosts, containers: 10, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);

        fleet.Ledger.ServerGone();
        await server.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), cancellationToken);
        await server.StartAgainAsync(cancellationToken);
        fleet.Ledger.ServerUp();
        var up = Stopwatch.GetTimestamp();
        var offline = 0.0;
        await ServerApi.UntilAsync(
            async () =>
            {
                offline = Math.Max(offline, await server.MetricAsync("drover_server_hosts{state=\"offline\"}"));
                return fleet.Ledger.BackSinceUp() == scale.StormHosts;
            },
            Patience, "the return of all hosts", cancellationToken);
        var back = Stopwatch.GetElapsedTime(up).TotalSeconds;

        // As long again as a host has until it counts as offline.
        await server.WatchAsync(Task.Delay(scale.Window, cancellationToken), cancellationToken);
        offline = Math.Max(offline, await server.MetricAsync("drover_server_hosts{state=\"offline\"}"));
        var storm = $"{scale.StormHosts} hosts after the server was killed";
        return
        [
            new Figure($"until the last heartbeat, {storm}", "s", [back], "max", 60),
            new Figure($"calls that failed with the server up, {storm}", "calls", [Told(fleet.Ledger)], "max", 0),
            new Figure($"hosts shown offline, {storm}", "hosts", [offline], "max", 0),
        ];
    }

    private static double Told(FleetLedger ledger)
    {
        foreach (var sentence in ledger.Sentences.Take(5))
        {
            Console.Error.WriteLine($"  {sentence}");
        }

        return ledger.Errors;
    }
}
