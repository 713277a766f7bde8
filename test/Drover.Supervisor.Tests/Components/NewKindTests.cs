using System.Collections.Concurrent;
using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Runtime.Probing;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Components;

/// <summary>
/// A kind of component and a kind of probe that the product does not know: they are declared here, and a whole
/// supervisor keeps them alive.
/// </summary>
public sealed class NewKindTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_new_kind_of_component_with_a_new_kind_of_probe_is_kept_alive_without_touching_existing_ones()
    {
        using var directory = new TemporaryDirectory();
        var ship = new Ship();
        var document = new SupervisorDocument([Component(ship)]);
        await using var supervisor = await SupervisorRole.StartAsync(
            new SupervisorOptions
            {
                DataDirectory = directory.Path,
                Document = document,
                Reread = () => document,
                ReapsOrphans = false,
            },
            NullLoggerFactory.Instance,
            TimeProvider.System,
            Token);
        var client = new ControlClient(supervisor.SocketPath);

        // Started, probed by the new kind of probe, shown.
        var first = await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });
        Assert.Equal((1, "lighthouse"), (ship.Launches, first.Probes.Single().Target));

        // Restarted when it ends by itself, with its cause.
        ship.Sink();
        var second = await UntilAsync(client, status => status is { State: ComponentState.Running, Restarts: 1 });
        Assert.Equal((2, "exited with code 3"), (ship.Launches, second.LastRestartCause?.Message));

        // Ended and started anew when its liveness probe fails.
        ship.IsSeen = false;
        await UntilAsync(client, _ => ship.Launches >= 3);
        ship.IsSeen = true;
        var third = await UntilAsync(client, status => status is { State: ComponentState.Running, Ready: true });
        Assert.Equal("probe", third.LastRestartCause?.Word);

        await supervisor.StopAsync(Token);
        Assert.False(ship.Sails);
        var history = await client.HistoryAsync("ship", 10, Token);
        Assert.Equal(["operator", "probe", "exit"], history.Select(entry => entry.Cause).Distinct());
    }

    private static ComponentDocument Component(Ship ship) => new()
    {
        Name = "ship",
        DisplayName = "Ship",
        Spec = new ComponentSpec
        {
            Restart = new RestartPolicy { MinUptime = TimeSpan.Zero, Limit = 10_000 },
            Health = new HealthSpec(Liveness: new ProbeSpec
            {
                Period = TimeSpan.FromMilliseconds(20),
                FailureThreshold = 2,
            }),
        },
        Launch = new ShipLaunch(ship),
        Liveness = new Lighthouse(ship),
    };

    private static async Task<ComponentStatus> UntilAsync(ControlClient client, Func<ComponentStatus, bool> wanted)
    {
        ComponentStatus? last = null;
        await Eventually.TrueAsync(
            async () => wanted(last = (await client.StatusAsync(Token)).Components.Single()),
            "the ship is as wanted",
            Token);
        return last!;
    }

    /// <summary>What the new kind launches: neither a process nor a container.</summary>
    private sealed class Ship
    {
        private Action? _sink;
        private volatile int _launches;

        internal int Launches => _launches;

        internal bool Sails => _sink is not null;

        internal bool IsSeen { get; set; } = true;

        internal void Launch(Action sink)
        {
            Interlocked.Increment(ref _launches);
            _sink = sink;
        }

        internal void Sink() => Interlocked.Exchange(ref _sink, null)?.Invoke();
    }

    private sealed record ShipLaunch(Ship Ship) : LaunchDocument
    {
        public override ComponentKind Kind => ComponentKind.Process;

        public override string Words => "a ship";

        internal override IInstanceDriver CreateDriver(DriverServices services, IInstanceReports reports) =>
            new ShipDriver(Ship, reports);

        private protected override IEnumerable<string?> Parts() => ["ship"];
    }

    private sealed class ShipDriver(Ship ship, IInstanceReports reports) : IInstanceDriver
    {
        private readonly ConcurrentDictionary<long, bool> _ordered = new();

        public void Launch(long instance)
        {
            ship.Launch(() => reports.Exited(
                instance, _ordered.ContainsKey(instance) ? new EndCause.Signal("SIGTERM") : new EndCause.Exit(3)));
            reports.Launched(instance, new InstanceRecord { Instance = instance });
        }

        public void CancelLaunch(long instance)
        {
        }

        public void Signal(long instance, string signal)
        {
            _ordered[instance] = true;
            ship.Sink();
        }

        public void Kill(long instance) => ship.Sink();

        public Task<Recovery> RecoverAsync(
            long instance, InstanceRecord? record, CancellationToken cancellationToken) =>
            Task.FromResult<Recovery>(new Recovery.Gone(Cause: null));

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed record Lighthouse(Ship Ship) : ProbeTarget
    {
        public override ProbeType Type => new("lighthouse", "It is seen.", "At sea.");

        internal override IProbe CreateProbe(ProbeServices services) => new LighthouseProbe(Ship);
    }

    private sealed class LighthouseProbe(Ship ship) : IProbe
    {
        public string Description => "lighthouse";

        public ValueTask<ProbeReport> RunAsync(ProbeSubject subject, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new ProbeReport(
                ship.IsSeen ? ProbeOutcome.Success : ProbeOutcome.Failure, ship.IsSeen ? "seen" : "out of sight"));
    }
}
