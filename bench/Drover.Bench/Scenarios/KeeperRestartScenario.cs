using System.Diagnostics;
using Drover.Bench.Supervision;

namespace Drover.Bench.Scenarios;

/// <summary>
/// DESIGN 10, first row: from the SIGKILL of a supervised process to the first instruction of the next one, all
/// supervisors in turn. Every instance had run for more than a second, which runit, supervisord and pm2 count as a good
/// run, and ours is told to.
/// </summary>
internal static class KeeperRestartScenario
{
    private const int EverySlow = 3;

    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(1300);
    private static readonly TimeSpan Slot = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ReturnPatience = TimeSpan.FromSeconds(30);

    public static async Task<IReadOnlyList<Figure>> RunAsync(
        string published, Scale scale, CancellationToken cancellationToken)
    {
        using var program = await StampProgram.CompileAsync(cancellationToken);
        var lanes = new List<Lane>();
        try
        {
            foreach (var keeper in Keepers.All(published, program))
            {
                lanes.Add(await Lane.OpenAsync(keeper, cancellationToken));
            }

            await Task.Delay(Round, cancellationToken);
            for (var round = 0; round < scale.Kills; round++)
            {
                await RoundAsync(lanes, isSlowTurn: round % EverySlow == 0, cancellationToken);
            }

            await Task.WhenAll(lanes.Select(lane => lane.Pending)).WaitAsync(ReturnPatience, cancellationToken);
            var ours = lanes[0].Milliseconds;
            return
            [
                Of("SIGKILL of a process to the next one's first instruction", ours, "median", 2.0, lanes),
                Of("SIGKILL of a process to the next one's first instruction, p99", ours, "p99", 10, lanes),
            ];
        }
        finally
        {
            foreach (var lane in lanes)
            {
                await lane.DisposeAsync();
            }
        }
    }

    private static Figure Of(
        string name, IReadOnlyList<double> ours, string statistic, double budget, IEnumerable<Lane> lanes) =>
        new(name, "ms", ours, statistic, budget)
        {
            Peers =
            [
                .. lanes.Skip(1)
                    .Where(lane => lane.Milliseconds.Count > 0)
                    .Select(lane => new PeerFigure(lane.Name, Figure.Summary(lane.Milliseconds, statistic))),
            ],
        };

    private static async Task RoundAsync(List<Lane> lanes, bool isSlowTurn, CancellationToken cancellationToken)
    {
        var began = Stopwatch.GetTimestamp();
        foreach (var lane in lanes.Where(lane => lane.Pending.IsCompleted && (isSlowTurn || !lane.IsSlow)))
        {
            lane.Kill(cancellationToken);
            await Task.WhenAny(lane.Pending, Task.Delay(Slot, cancellationToken));
        }

        var rest = Round - Stopwatch.GetElapsedTime(began);
        await Task.Delay(rest > TimeSpan.Zero ? rest : TimeSpan.Zero, cancellationToken);
    }

    /// <summary>One supervisor with one component, and what was measured of it.</summary>
    private sealed class Lane : IAsyncDisposable
    {
        private readonly Keeper _keeper;
        private readonly StampPipe _pipe;
        private Stamp _last;

        private Lane(Keeper keeper) => (_keeper, _pipe) = (keeper, keeper.OpenPipe());

        public string Name => _keeper.Name;

        /// <summary>It does not try to be quick: once in three rounds is enough.</summary>
        public bool IsSlow => Milliseconds.Count > 0 && Figure.Summary(Milliseconds, "median") > 500;

        public List<double> Milliseconds { get; } = [];

        /// <summary>Completes when the killed component is back.</summary>
        public Task Pending { get; private set; } = Task.CompletedTask;

        public static async Task<Lane> OpenAsync(Keeper keeper, CancellationToken cancellationToken)
        {
            var lane = new Lane(keeper);
            try
            {
                await keeper.StartAsync(1, cancellationToken);
                lane._last = await lane._pipe.NextAsync(cancellationToken).AsTask()
                    .WaitAsync(StartPatience, cancellationToken);
                return lane;
            }
            catch (Exception error)
            {
                await lane.DisposeAsync();
                throw new InvalidOperationException($"cannot measure {lane.Name}: {error.Message}", error);
            }
        }

        public void Kill(CancellationToken cancellationToken)
        {
            var killed = Stopwatch.GetTimestamp();
            _ = SystemProcess.Kill(_last.Pid);
            Pending = AwaitAsync(killed, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            await _keeper.DisposeAsync();
            _pipe.Dispose();
        }

        private async Task AwaitAsync(long killed, CancellationToken cancellationToken)
        {
            _last = await _pipe.NextAsync(cancellationToken);
            Milliseconds.Add((_last.At - killed) / 1e6);
        }
    }
}
