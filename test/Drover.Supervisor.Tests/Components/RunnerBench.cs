using System.Collections.Concurrent;
using Drover.Core.Components;
using Drover.Runtime.Probing;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Components;

/// <summary>One runner over a played driver and clock and a real state file. Can be killed and started anew.</summary>
internal sealed class RunnerBench : IAsyncDisposable, IComponentEvents, IComponentOutput
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<ComponentEvent> _events = new();
    private readonly ConcurrentQueue<HistoryEntry> _history = new();

    internal FakeClock Clock { get; } = new();

    internal FakeProber Prober { get; } = new();

    internal FakeDriver Driver { get; private set; } = null!;

    internal ComponentRunner Runner { get; private set; } = null!;

    internal ComponentSpec Spec { get; set; } = new();

    internal string Boot { get; set; } = "boot";

    /// <summary>Events go to a server.</summary>
    internal bool KeepsEvents { get; set; }

    internal string StatePath => _directory.File("web.state");

    internal IReadOnlyList<string> Events => [.. _events.Select(one => one.Type.Name)];

    /// <summary>All that was told, by every life.</summary>
    internal IReadOnlyList<ComponentEvent> Told => [.. _events];

    internal IReadOnlyList<HistoryEntry> History => [.. _history];

    internal ComponentState State => Runner.View.Runtime.State;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What the file says at this instant, as a supervisor that starts now would read it.</summary>
    internal ComponentRecord? OnDisk()
    {
        var copy = _directory.File($"copy-{Guid.NewGuid():N}");
        File.Copy(StatePath, copy);
        return StateStore.Peek(copy, NullLogger.Instance);
    }

    internal async Task StartAsync(Action<FakeDriver>? prepare = null)
    {
        Runner = new ComponentRunner(
            new RunnerParts
            {
                Id = new ComponentId("web"),
                Spec = Spec,
                Store = StateStore.Open(StatePath, NullLogger.Instance),
                Boot = Boot,
                Prober = Prober,
                Output = this,
                Events = this,
                KeepsEvents = KeepsEvents,
                Clock = new MonotonicClock(Clock),
                Random = new HalfRandom(),
                Logger = NullLogger.Instance,
            },
            reports => Driver = new FakeDriver(reports));
        prepare?.Invoke(Driver);
        await Runner.StartAsync(Token);
    }

    /// <summary>Everything in memory is lost; the instance goes on, and the file is what it was.</summary>
    internal async Task KillAndStartAgainAsync(Action<FakeDriver>? prepare = null)
    {
        var kept = _directory.File("kept");
        File.Copy(StatePath, kept, overwrite: true);
        await Runner.DisposeAsync();
        File.Move(kept, StatePath, overwrite: true);
        await StartAsync(prepare);
    }

    /// <summary>Gives an order and returns when everything that follows from it at once has been done.</summary>
    internal async Task OrderAsync(Input order)
    {
        Runner.Post(order);
        await SettleAsync();
    }

    internal async Task UntilAsync(ComponentState state)
    {
        await Runner.WaitAsync(view => view.Runtime.State == state, Token).WaitAsync(TimeSpan.FromSeconds(20), Token);
        await SettleAsync();
    }

    internal async Task EndAsync(EndCause cause)
    {
        Driver.End(cause);
        await SettleAsync();
    }

    /// <summary>Lets time pass and the runner answer the timers.</summary>
    internal async Task AdvanceAsync(TimeSpan by)
    {
        Clock.Advance(by);
        await SettleAsync();
    }

    /// <summary>What a step reports comes behind the question before it: asked often enough, all is said.</summary>
    internal async Task SettleAsync()
    {
        for (var round = 0; round < 6; round++)
        {
            await Runner.PingAsync(Token);
            await Task.Yield();
        }
    }

    public void Emit(ComponentEvent happened) => _events.Enqueue(happened);

    /// <summary>Whether what ended is kept; else the supervisor is killed before it could be.</summary>
    internal bool KeepsEnds { get; set; } = true;

    public void Ended(HistoryEntry entry, IComponentOutput output, OutputExtent extent, bool isRepeat, Action kept)
    {
        if (KeepsEnds)
        {
            _history.Enqueue(entry);
            kept();
        }
    }

    public OutputExtent Extent => default;

    public ILogTap Tap => throw new InvalidOperationException("no probe here reads a log");

    public ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count) =>
        ValueTask.FromResult<IReadOnlyList<string>>([]);

    public async ValueTask DisposeAsync()
    {
        await Runner.DisposeAsync();
        _directory.Dispose();
    }

    /// <summary>No jitter: delays are the nominal ones.</summary>
    private sealed class HalfRandom : Random
    {
        public override double NextDouble() => 0.5;
    }
}
