using System.Collections.Concurrent;
using Drover.Core.Backoff;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Components;

/// <summary>Tests that measure time by the real clock, one after the other and beside nothing else.</summary>
[CollectionDefinition(nameof(ByTheClock), DisableParallelization = true)]
public sealed class ByTheClock;

/// <summary>
/// Many components at once, on the real clock: the trouble of some is no trouble of the others. The instances are
/// played, the runners and their files are real; with real processes `make bench` measures it (supervisor-crowd).
/// </summary>
[Collection(nameof(ByTheClock))]
public sealed class CrowdTests
{
    private const int Healthy = 40;
    private const int Hanging = 10;
    private const int Crashing = 50;

    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private ConcurrentBag<TimeSpan> _lateness = [];
    private readonly MonotonicClock _clock = new(TimeProvider.System);
    private int _hanging;

    /// <summary>
    /// How late the probes come before and after the trouble is what this machine, with whatever else
    /// it does just now, makes of its timers; the trouble may add 50 ms to that. A probe that does
    /// not come at all is a period late.
    /// </summary>
    [Fact]
    public async Task Fifty_in_backoff_and_ten_hanging_probes_delay_not_one_in_a_hundred_probes_of_others_by_50_ms()
    {
        using var directory = new TemporaryDirectory();
        var crashing = new ComponentSpec
        {
            Restart = new RestartPolicy
            {
                Limit = int.MaxValue,
                Backoff = new BackoffPolicy(Pause, factor: 1, Pause, jitter: 0.1),
            },
        };
        var probe = new ProbeSpec { Period = Period };
        var healthy = new ComponentSpec { Health = new HealthSpec(Liveness: probe) };
        var hanging = new ComponentSpec { Health = new HealthSpec(Readiness: probe) };
        var crashes = 0;
        var runners = Many(Healthy, number => RunnerOf($"healthy-{number}", healthy, directory, launched: null));
        await StartAsync(runners);
        var alone = await WatchAsync(TimeSpan.FromSeconds(2));

        var others = Many(Hanging, number => RunnerOf($"hanging-{number}", hanging, directory, launched: null));
        others.AddRange(Many(Crashing, number => RunnerOf($"crashing-{number}", crashing, directory, driver =>
        {
            Interlocked.Increment(ref crashes);
            driver.End(new EndCause.Exit(1));
        })));
        await StartAsync(others);
        var beside = await WatchAsync(TimeSpan.FromSeconds(3));
        await Task.WhenAll(others.Select(runner => runner.DisposeAsync().AsTask()));
        var afterwards = await WatchAsync(TimeSpan.FromSeconds(2));
        await Task.WhenAll(runners.Select(runner => runner.DisposeAsync().AsTask()));

        Assert.True(crashes > 1000, $"only {crashes} crashes");
        Assert.True(_hanging >= Hanging, $"only {_hanging} probes hung");
        Assert.True(
            beside < (alone > afterwards ? alone : afterwards) + TimeSpan.FromMilliseconds(50),
            $"of a hundred probes the latest but one was {beside} late, before the trouble {alone}, "
                + $"after it {afterwards}");
    }

    private static List<ComponentRunner> Many(int count, Func<int, ComponentRunner> make) =>
        [.. Enumerable.Range(0, count).Select(make)];

    private static async Task StartAsync(List<ComponentRunner> runners)
    {
        foreach (var runner in runners)
        {
            await runner.StartAsync(TestContext.Current.CancellationToken);
            runner.Post(new Input.Start(default));
        }
    }

    /// <summary>How late the latest but one in a hundred probes comes.</summary>
    private async Task<TimeSpan> WatchAsync(TimeSpan span)
    {
        _lateness = [];
        await Task.Delay(span, TestContext.Current.CancellationToken);
        var seen = Interlocked.Exchange(ref _lateness, []).Order().ToList();

        // Those that did not come are in it; at both ends of the span there may be one that is not.
        var due = Healthy * ((span / Period) - 2);
        Assert.True(seen.Count >= due, $"only {seen.Count} of {due} probes in {span}");
        return seen[(int)(seen.Count * 0.99)];
    }

    private ComponentRunner RunnerOf(
        string name, ComponentSpec spec, TemporaryDirectory directory, Action<FakeDriver>? launched)
    {
        ComponentRunner? runner = null;
        runner = new ComponentRunner(
            new RunnerParts
            {
                Id = new ComponentId(name),
                Spec = spec,
                Store = StateStore.Open(directory.File(name + ".state"), NullLogger.Instance),
                Boot = "boot",
                Prober = new PunctualityProber(this, () => runner!.View),
                Output = new Silence(),
                Events = new Silence(),
                Clock = _clock,
                Random = new Random(7),
                Logger = NullLogger.Instance,
            },
            reports =>
            {
                var driver = new FakeDriver(reports);
                driver.Launched = () => launched?.Invoke(driver);
                return driver;
            });
        return runner;
    }

    private sealed class Silence : IComponentEvents, IComponentOutput
    {
        public OutputExtent Extent => default;

        public ILogTap Tap => throw new InvalidOperationException("no probe here reads a log");

        public void Emit(ComponentEvent happened)
        {
        }

        public void Ended(
            HistoryEntry entry, IComponentOutput output, OutputExtent extent, bool isRepeat, Action kept)
        {
        }

        public ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count) =>
            ValueTask.FromResult<IReadOnlyList<string>>([]);
    }

    /// <summary>Notes how long after its beat a liveness probe begins; a readiness probe never answers.</summary>
    private sealed class PunctualityProber(CrowdTests tests, Func<ComponentView> view) : IComponentProber
    {
        private long _lastBeat = -1;

        public string? TargetOf(ProbeKind kind) => null;

        public async Task<ProbeRun> RunAsync(
            ProbeKind kind,
            long instance,
            InstanceRecord? record,
            DateTimeOffset startedAt,
            TimeSpan timeout,
            CancellationToken cancellationToken)
        {
            if (kind is ProbeKind.Readiness)
            {
                Interlocked.Increment(ref tests._hanging);
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            var since = tests._clock.Now - view().Health.Liveness!.Anchor;
            var (beat, late) = Math.DivRem(since.Ticks, Period.Ticks);
            tests._lateness.Add(TimeSpan.FromTicks(late));
            for (var missed = _lastBeat + 1; _lastBeat >= 0 && missed < beat; missed++)
            {
                tests._lateness.Add(Period);
            }

            _lastBeat = beat;
            return new ProbeRun(ProbeOutcome.Success, "ok", default);
        }
    }
}
