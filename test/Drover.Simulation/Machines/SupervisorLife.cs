using Drover.Core.Backoff;
using Drover.Core.Components;
using Drover.Runtime.Probing;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.Documents;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Simulation.Machines;

/// <summary>
/// A supervisor from its start to its death: the real set of components with its real runners, drivers and files, on
/// the simulated machine. It can be killed between any two things it does, and at every step of those that leave it.
/// </summary>
internal sealed class SupervisorLife
{
    internal const string Id = "sim";

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly World _world;
    private readonly SimulatedMachine _machine;
    private readonly Ledger _ledger;
    private readonly LifeScheduler _scheduler;
    private readonly LifeLauncher _launcher;
    private readonly LifeEvents _events;
    private readonly IReadOnlyList<string> _marks;
    private readonly List<Task> _orders = [];
    private readonly SupervisorDocument _document;
    private int? _stepsLeft;
    private bool _hasBegun;

    internal SupervisorLife(World world, SimulatedMachine machine, Ledger ledger, SupervisorDocument document)
    {
        (_world, _machine, _ledger) = (world, machine, ledger);
        _scheduler = new LifeScheduler(world.Chance);
        Clock = new LifeClock(world, machine, this);
        Monotonic = new MonotonicClock(Clock);
        Logger = new DefectLogger(this);
        StartedAt = world.Now;
        _document = document;
        Previous = RunStore.Judge(machine.Run, machine.Boot);
        machine.Begin(this);
        ledger.Life = this;
        _launcher = new LifeLauncher(world, machine, this) { Launching = ledger.OnLaunch };
        _marks = Previous.End is PreviousEnd.Crash ? _launcher.Markers(Id + "/") : [];
        _events = new LifeEvents(world, machine, this, ledger);
        machine.Run = new RunRecord
        {
            Id = Id,
            Boot = machine.Boot,
            Pid = SimulatedKernel.Supervisor,
            StartedAt = machine.WallTime,
        };
        Set = new ComponentSet(document, SeatOf, _scheduler);
    }

    internal (PreviousEnd End, bool IsContinuation) Previous { get; }

    internal Sabotage Sabotage => _machine.Sabotage;

    internal Random Chance => _world.Chance;

    internal LifeClock Clock { get; }

    internal MonotonicClock Monotonic { get; }

    internal ILogger Logger { get; }

    internal ComponentSet Set { get; }

    internal TimeSpan StartedAt { get; }

    /// <summary>The probes of each component as its runner has them.</summary>
    internal Dictionary<string, LifeProber> Probers { get; } = [];

    internal bool IsOver { get; private set; }

    /// <summary>True once it has taken over what the one before left.</summary>
    internal bool IsUp { get; private set; }

    internal TimeSpan TimersLate =>
        Sabotage is Sabotage.TimersRingLate ? TimeSpan.FromMilliseconds(200) : TimeSpan.Zero;

    /// <summary>It is to be killed at the n-th step from now.</summary>
    internal void Doom(int steps) => _stepsLeft = steps;

    /// <summary>It is not, after all.</summary>
    internal void Spare() => _stepsLeft = null;

    /// <summary>Something leaves the supervisor: bytes, a process, a signal. It may be the last it does.</summary>
    internal void Step()
    {
        if (DiesNow())
        {
            throw new SupervisorKilledException();
        }
    }

    /// <summary>As the other, for a caller who leaves his work half done.</summary>
    internal bool DiesNow()
    {
        if (!IsOver && --_stepsLeft == 0)
        {
            Kill();
        }

        return IsOver;
    }

    /// <summary>SIGKILL.</summary>
    internal void Kill()
    {
        if (IsOver)
        {
            return;
        }

        _world.Note("the supervisor is killed");
        _ledger.OnKilled(Set);
        IsOver = true;
        _scheduler.End();
        _machine.End();
    }

    /// <summary>Begins to work; what it does after is an event of the world.</summary>
    internal void Start()
    {
        _world.Note($"a supervisor starts after {Previous}");
        Order("start", async () =>
        {
            var started = Previous.IsContinuation ? [] : NeedsOf(component: null);
            await _ledger.OrderedAsync(
                started, isForAll: false, () => Set.StartAsync(Previous.IsContinuation, CancellationToken.None));
            IsUp = true;
        });
    }

    /// <summary>An order of a person.</summary>
    internal Task Order(string what, Func<Task> order)
    {
        if (IsOver || _machine.Run is { Stopping: true } || (_hasBegun && !IsUp))
        {
            // Its socket is not open yet, or it takes no orders any more.
            return Task.CompletedTask;
        }

        _hasBegun = true;
        _world.Note(what);
        var task = _scheduler.Start(order);
        _orders.Add(task);
        return task;
    }

    /// <summary>Stops everything and ends in order.</summary>
    internal void Shutdown() => Order("shutdown", async () =>
    {
        _machine.Run = _machine.Run! with { Stopping = true };
        var stopping = Set.CloseAsync(CancellationToken.None);
        await (Sabotage is Sabotage.StopsTooEarly ? Task.CompletedTask : stopping);
        await _events.FlushAsync();
        CheckRest(Set.Seats);
        _machine.Run = _machine.Run! with { Clean = true };
        _world.Note("the supervisor ends");
        await Set.DisposeAsync();
        _ledger.OnEndedInOrder();
        IsOver = true;
        _machine.End();
    });

    /// <summary>Whoever orders something while the supervisor stops, or of what is just removed, is told so.</summary>
    private static async Task HeardAsync(Task order)
    {
        try
        {
            await order;
        }
        catch (ControlException)
        {
            // Said in words.
        }
    }

    internal Task Stop(string component) => Order($"stop {component}", async () =>
    {
        var account = _ledger.Of(component);
        var before = account.Orders;
        await HeardAsync(Set.StopAsync(component, CancellationToken.None));
        if (Set.Find(component) is { Document.RestartsWith.Count: 0 } seat
            && account.Orders == before
            && !account.IsOrdered
            && !seat.View.AwaitsStart)
        {
            CheckRest([seat]);
            account.OnRest();
        }
    });

    internal Task StartComponent(string? component) => Order($"start {component}", () => _ledger.OrderedAsync(
        NeedsOf(component), component is null, () => HeardAsync(Set.StartAsync(component, CancellationToken.None))));

    internal Task Restart(string? component) => Order($"restart {component}", () => _ledger.OrderedAsync(
        NeedsOf(component), component is null, () => HeardAsync(Set.RestartAsync(component, CancellationToken.None))));

    /// <param name="document">What the file says now.</param>
    /// <param name="done">Called when all of it has been taken up.</param>
    internal Task Reload(SupervisorDocument document, Action done) => Order("reload", async () =>
    {
        var leaving = Set.Seats.Select(seat => seat.Name).Where(name => document.Find(name) is null).ToList();
        leaving.ForEach(_ledger.Leaves);
        var coming = document.Components.Select(one => one.Name).Where(name => Set.Find(name) is null).ToList();
        await _ledger.OrderedAsync(
            coming, isForAll: false, () => HeardAsync(Set.ReloadAsync(document, ProberOf, CancellationToken.None)));
        leaving.ForEach(_ledger.HasLeft);
        done();
    });

    /// <summary>What the file says of a component.</summary>
    internal ComponentDocument? FileOf(string component) => Set?.Find(component)?.Document ?? _document.Find(component);

    /// <summary>Runs what comes from outside of it, and everything that follows at once.</summary>
    internal void Do(Action action)
    {
        if (IsOver)
        {
            return;
        }

        try
        {
            action();
        }
        catch (SupervisorKilledException)
        {
            // It is.
        }
    }

    /// <summary>Does all that is ready, and sees to it that nothing went wrong on the way.</summary>
    internal void Settle()
    {
        _scheduler.RunAll();
        if (IsOver)
        {
            return;
        }

        foreach (var task in _orders.Where(one => one.IsFaulted)
            .Concat(Set.Seats.Select(seat => seat.Runner.Completion).Where(one => one.IsFaulted)))
        {
            OnDefect(task.Exception!.InnerException!);
        }

        _orders.RemoveAll(one => one.IsCompleted);
    }

    /// <summary>What it would answer to whoever asks for its status now, held against what is true.</summary>
    internal void CheckStatus()
    {
        if (!IsUp || IsOver)
        {
            return;
        }

        foreach (var seat in Set.Seats)
        {
            _ledger.CheckStatus(StatusBuilder.Of(seat.Document, seat.View, static _ => null, Monotonic));
            Probers.GetValueOrDefault(seat.Name)?.CheckNoneIsLate(seat.View);
        }
    }

    internal void OnDefect(Exception defect)
    {
        if (defect is not SupervisorKilledException)
        {
            _world.Require(false, $"nothing of the supervisor fails: {defect}");
        }
    }

    private List<string> NeedsOf(string? component)
    {
        var graph = new SupervisorDocument([.. Set.Seats.Select(seat => seat.Document)]).Graph;
        return component is null ? [.. graph.StartOrder] : [.. graph.AllNeedsOf(component), component];
    }

    private LifeProber ProberOf(ComponentDocument document) => new(_world, _machine, this, document);

    /// <summary>As it would be before its first start, but for what a kill did not end, which is told.</summary>
    private void CheckRest(IEnumerable<ComponentSeat> seats)
    {
        foreach (var seat in seats)
        {
            var left = _machine.Kernel.Living(seat.Name).FirstOrDefault();
            _world.Require(
                seat.View.IsStuck || (seat.View.IsAtRest && left is null),
                $"after a stop nothing is left: {seat.Name} is {seat.View.Runtime.State}, {left?.What}");
        }
    }

    private ComponentSeat SeatOf(ComponentDocument document)
    {
        var launch = new ComponentLaunch(document.Launch);
        var path = "state/" + document.Name;
        var store = StateStore.Open(path, _machine.Disk.For(this), NullLogger.Instance);
        _ledger.CheckRestored(document.Name, store.Recorded);
        var parts = new RunnerParts
        {
            Id = new ComponentId(document.Name),
            Spec = Sabotaged(document.Spec),
            Store = store,
            Boot = _machine.Boot,
            Prober = ProberOf(document),
            Output = SilentLog.Instance,
            Events = _events,
            Clock = Monotonic,
            Random = new Random(_world.Chance.Next()),
            Scheduler = _scheduler,
            Logger = Logger,
        };
        return new ComponentSeat(
            document, new ComponentRunner(parts, reports => DriverOf(document, reports)), launch);
    }

    private IInstanceDriver DriverOf(ComponentDocument document, IInstanceReports reports) =>
        document.Launch is ExternalAddress
            ? new WatchedDriver()
            : new ProcessDriver(
                new ProcessDriverParts
                {
                    Component = document.Name,
                    SupervisorId = Id,
                    Launcher = _launcher,
                    Log = SilentLog.Instance,
                    MarksFound = () => _marks,
                    Clock = Monotonic,
                    Logger = Logger,
                },
                () => LaunchSpecs.Of((ProcessLaunch)document.Launch, new Dictionary<string, string>(), "/dev/null"),
                () => "digest",
                reports);

    /// <summary>What the machine is told, where that is what is broken.</summary>
    private ComponentSpec Sabotaged(ComponentSpec spec)
    {
        var restart = Sabotage switch
        {
            Sabotage.RestartsOncePastTheLimit => spec.Restart with { Limit = spec.Restart.Limit + 1 },
            Sabotage.WaitsTooLong => spec.Restart with { Backoff = new BackoffPolicy(1.2 * Second, 2, Minute, 0) },
            Sabotage.WaitsTooShort => spec.Restart with { Backoff = new BackoffPolicy(Second, 1.5, Minute, 0) },
            _ => spec.Restart,
        };
        return spec with
        {
            Restart = restart,
            Health = Sabotage is Sabotage.StartupGatesNothing ? spec.Health with { Startup = null } : spec.Health,
        };
    }

    private sealed class SilentLog : IInstanceLog
    {
        internal static readonly SilentLog Instance = new();

        public long From => 0;

        public OutputExtent Extent => default;

        public void Begin()
        {
        }

        public void Resume(long from)
        {
        }

        public ILogTap Tap => throw new NotSupportedException("no probe reads a log here");

        public IReadOnlyList<string> LastLines(OutputExtent extent, int count) => [];

        public ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count) => new([]);
    }

    /// <summary>What the code only logs because it must go on: here it ends the simulation.</summary>
    private sealed class DefectLogger(SupervisorLife life) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (exception is not null && !life.IsOver)
            {
                life.OnDefect(exception);
            }
        }
    }
}
