using System.Diagnostics;
using Drover.Bench.Supervision;

namespace Drover.Bench.Scenarios;

/// <summary>
/// DESIGN 10, second row: memory and CPU of supervisors that have nothing to do but to keep 1, 10 or 100 processes.
/// Ours looks at each of them every ten seconds besides (a liveness probe of the process), which of the peers only
/// monit does. Ours is measured once more when it is quiet after somebody talked to it and a component crashed: what
/// that needs in memory must not stay there (docs/decisions/0094).
/// </summary>
internal static class KeeperMemoryScenario
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        using var program = await StampProgram.CompileAsync(cancellationToken);
        var figures = new List<Figure>();
        foreach (var components in scale.Components)
        {
            figures.AddRange(await MeasureAsync(published, program, components, scale, cancellationToken));
        }

        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> MeasureAsync(
        string published, StampProgram program, int components, Scale scale, CancellationToken cancellationToken)
    {
        var watched = new List<Watched>();
        Watched afterWork;
        try
        {
            foreach (var keeper in Keepers.All(published, program))
            {
                watched.Add(new Watched(keeper));
                await keeper.StartAsync(components, cancellationToken);
            }

            foreach (var one in watched)
            {
                await one.Keeper.UntilAllLiveAsync(components, StartPatience, cancellationToken);
            }

            // What only the start needed is given back 70 s after it (docs/decisions/0053).
            await Task.Delay(scale.Settling, cancellationToken);
            await WatchAsync(watched, scale.Window, cancellationToken);
            afterWork = new Watched(watched[0].Keeper);
            await ((DroverKeeper)afterWork.Keeper).WorkAsync(components, cancellationToken);
            await Task.Delay(scale.AfterWork, cancellationToken);
            await WatchAsync([afterWork], scale.Window, cancellationToken);
        }
        finally
        {
            foreach (var one in watched)
            {
                await one.Keeper.DisposeAsync();
            }
        }

        var most = components == 1 ? 40 : 55;
        return
        [
            Of("resident memory", "MB", sample => sample.Resident, most),
            Of("proportional memory", "MB", sample => sample.Proportional, most),
            Of("anonymous memory", "MB", sample => sample.Anonymous, 15),
            After("resident memory", sample => sample.Resident, most),
            After("anonymous memory", sample => sample.Anonymous, 15),
            new Figure($"supervisor CPU, {components} components", "% of a core", [watched[0].CpuPercent], "max", 0.1)
            {
                Peers = [.. watched.Skip(1).Select(peer => new PeerFigure(peer.Keeper.Name, peer.CpuPercent))],
            },
        ];

        Figure After(string what, Func<Footprint, double> part, double budget) => new(
            $"supervisor {what} after a status, a crash, a reload and a restart, {components} components",
            "MB",
            afterWork.All(part),
            "max",
            budget);

        Figure Of(string what, string unit, Func<Footprint, double> part, double budget) =>
            new($"supervisor {what}, {components} components", unit, watched[0].All(part), "max", budget)
            {
                Peers = [.. watched.Skip(1).Select(peer => new PeerFigure(peer.Keeper.Name, peer.All(part).Max()))],
            };
    }

    private static async Task WatchAsync(
        List<Watched> watched, TimeSpan window, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        watched.ForEach(one => one.Look());
        while (Stopwatch.GetElapsedTime(began) < window)
        {
            await Task.Delay(Between, cancellationToken);
            watched.ForEach(one => one.Look());
        }
    }

    /// <summary>One supervisor and what was seen of it.</summary>
    private sealed class Watched(Keeper keeper)
    {
        private readonly List<(long At, Footprint Seen)> _looks = [];

        public Keeper Keeper => keeper;

        public double CpuPercent => 100 * (_looks[^1].Seen.CpuSeconds - _looks[0].Seen.CpuSeconds)
            / Stopwatch.GetElapsedTime(_looks[0].At, _looks[^1].At).TotalSeconds;

        public void Look() => _looks.Add((Stopwatch.GetTimestamp(), keeper.Footprint()));

        public IReadOnlyList<double> All(Func<Footprint, double> part) => [.. _looks.Select(look => part(look.Seen))];
    }
}
