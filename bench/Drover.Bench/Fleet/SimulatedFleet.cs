namespace Drover.Bench.Fleet;

/// <summary>Many simulated hosts at one server.</summary>
internal sealed class SimulatedFleet : IAsyncDisposable
{
    private const int AtOnce = 16;

    private readonly CancellationTokenSource _ending = new();
    private readonly List<SimulatedHost> _hosts = [];
    private readonly List<Task> _running = [];

    private SimulatedFleet()
    {
    }

    public FleetLedger Ledger { get; } = new();

    /// <summary>Enrolls them, lets each send its containers, and starts their loops.</summary>
    public static async Task<SimulatedFleet> JoinAsync(
        Uri server, ServerApi api, int hosts, int containers, CancellationToken cancellationToken)
    {
        var fleet = new SimulatedFleet();
        fleet.Ledger.ServerUp();
        await Parallel.ForAsync(
            0,
            hosts,
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (number, token) =>
            {
                var created = await api.EnrollmentTokenAsync(token);
                var host = await SimulatedHost.EnrollAsync(
                    server, created.Token, fleet.Ledger, number, containers, token);
                await host.JoinAsync(token);
                lock (fleet._hosts)
                {
                    fleet._hosts.Add(host);
                    fleet._running.Add(Task.Run(() => host.RunAsync(fleet._ending.Token), CancellationToken.None));
                }
            });
        return fleet;
    }

    /// <summary>Restarts so many containers a minute, one after the other, each of a host of its own.</summary>
    public async Task ChurnAsync(double aMinute, TimeSpan duration, CancellationToken cancellationToken)
    {
        var count = (int)Math.Max(1, aMinute * duration.TotalMinutes);
        for (var change = 0; change < count; change++)
        {
            var next = Task.Delay(duration / count, cancellationToken);
            await _hosts[change % _hosts.Count].RestartOneAsync(cancellationToken);
            await next;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _hosts.ForEach(host => host.Dispose());
        _ending.Dispose();
    }
}
