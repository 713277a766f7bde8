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

/// <summary>Many components at once, on the real clock: the trouble of some is no trouble of the others.</summary>
[Collection(nameof(ByTheClock))]
public sealed class CrowdTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private ConcurrentBag<TimeSpan> _lateness = [];
    private readonly MonotonicClock _clock = new(TimeProvider.System);

    /// <summary>
    /// How late the probes come without any crash is what this machine, with whatever else it does just now, makes of
    /// its timers; the crashes may add 50 ms to that.
    /// </summary>
    [Fact]
    public async Task Fifty_of_a_hundred_that_crash_for_ever_delay_no_probe_of_the_others_by_more_than_50_ms()
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
        var healthy = new ComponentSpec { Health = new HealthSpec(Liveness: new ProbeSpec { Period = Period }) };
        var crashes = 0;
        var runners = Enumerable.Range(0, 50)
            .Select(number => RunnerOf($"healthy-{number}", healthy, directory, launched: null))
            .ToList();
        await StartAsync(runners);
        var alone = await WatchAsync(TimeSpan.FromSeconds(2));

        var crashers = Enumerable.Range(0, 50)
            .Select(number => RunnerOf($"crashing-{number}", crashing, directory, driver =>
            {
                Interlocked.Increment(ref crashes);
                driver.End(new EndCause.Exit(1));
            }))
            .ToList();
        await StartAsync(crashers);
        var beside = await WatchAsync(TimeSpan.FromSeconds(3));
        await Task.WhenAll(runners.Concat(crashers).Select(runner => runner.DisposeAsync().AsTask()));

        Assert.True(crashes > 1000, $"only {crashes} crashes");
        Assert.True(
            beside < alone + TimeSpan.FromMilliseconds(50),
            $"of a hundred probes the latest was {beside} late beside crashes, {alone} without");
    }

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
        Assert.True(seen.Count > 100 * span.TotalSeconds, $"only {seen.Count} probes in {span}");
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

    /// <summary>Notes how long after its beat a probe begins.</summary>
    private sealed class PunctualityProber(CrowdTests tests, Func<ComponentView> view) : IComponentProber
    {
        public string? TargetOf(ProbeKind kind) => null;

        public Task<ProbeRun> RunAsync(
            ProbeKind kind,
            long instance,
            InstanceRecord? record,
            DateTimeOffset startedAt,
            TimeSpan timeout,
            CancellationToken cancellationToken)
        {
            var since = tests._clock.Now - view().Health.Liveness!.Anchor;
            tests._lateness.Add(TimeSpan.FromTicks(since.Ticks % Period.Ticks));
            return Task.FromResult(new ProbeRun(ProbeOutcome.Success, "ok", default));
        }
    }
}
