using Drover.Core.Agents;

namespace Drover.Simulation.Agents;

/// <summary>
/// A Swarm with one service: its orchestrator acts a little after it was told, tasks come up in their time or fail,
/// what happens is told late and in order, and the engine is away now and then.
/// </summary>
internal sealed class SwarmActor(World world)
{
    private readonly List<SimulatedTask> _tasks = [];
    private TimeSpan _toldUntil;
    private int _made;

    internal Action<ServiceObservation> Observer { get; set; } = _ => { };

    internal int Replicas { get; private set; }

    internal bool IsReachable { get; private set; } = true;

    /// <summary>Since when everything that happens is told again.</summary>
    internal TimeSpan ReachableSince { get; private set; }

    /// <summary>How likely a task fails while it starts.</summary>
    internal double Failing { get; set; } = 0.2;

    /// <summary>True: tasks come up and serve within a second.</summary>
    internal bool IsQuick { get; set; }

    internal SimulatedTask? Find(string id) => _tasks.Find(task => task.Id == id);

    internal void Scale(int replicas)
    {
        Replicas = replicas;
        Tell();
        world.After(world.UpTo(0.1), Reconcile);
    }

    internal void Pause(string container, bool isPaused)
    {
        if (_tasks.Find(task => task.Container == container && task.Phase is TaskPhase.Running) is { } task)
        {
            task.IsPaused = isPaused;
            Tell();
        }
    }

    internal void SetReachable(bool isReachable)
    {
        IsReachable = isReachable;
        ReachableSince = world.Now;
        Tell();
    }

    /// <summary>A task that runs dies by itself.</summary>
    internal void Crash()
    {
        if (_tasks.Find(task => task.Phase is TaskPhase.Running) is { } task)
        {
            End(task, TaskPhase.Failed, "task: non-zero exit (1)");
        }
    }

    private void Reconcile()
    {
        var wanted = _tasks.FindAll(task => task.IsWanted && task.Phase < TaskPhase.Ended);
        if (Replicas == 0)
        {
            foreach (var task in wanted)
            {
                task.IsWanted = false;
                world.After(TimeSpan.FromSeconds(2) + world.UpTo(1), () => End(task, TaskPhase.Ended, null));
            }
        }
        else if (wanted.Count == 0)
        {
            Bring();
        }

        Tell();
    }

    private void Bring()
    {
        var task = new SimulatedTask(++_made);
        _tasks.Insert(0, task);
        if (_tasks.Count > 6)
        {
            _tasks.RemoveAt(6);
        }

        world.After(world.UpTo(0.2), () => Move(task, TaskPhase.Preparing));
        world.After(TimeSpan.FromSeconds(0.2) + world.UpTo(IsQuick ? 0.3 : world.Pick(0.3, 5)), () =>
        {
            if (world.Happens(Failing))
            {
                End(task, TaskPhase.Failed, world.Pick("No such image: scout:1", "task: non-zero exit (2)"));
                return;
            }

            Move(task, TaskPhase.Running);
            world.After(world.UpTo(IsQuick ? 0.5 : world.Pick(0.5, 10)), () => task.Serves = true);
        });
    }

    private void Move(SimulatedTask task, TaskPhase phase)
    {
        if (task.Phase < phase && task.IsWanted)
        {
            task.Phase = phase;
            Tell();
        }
    }

    private void End(SimulatedTask task, TaskPhase phase, string? error)
    {
        if (task.Phase >= TaskPhase.Ended)
        {
            return;
        }

        (task.Phase, task.Error, task.EndedAt) = (phase, error, world.Now);
        if (task.IsWanted)
        {
            task.IsWanted = false;
            world.After(TimeSpan.FromSeconds(world.Pick(0, 1, 4)), Reconcile);
        }

        Tell();
    }

    private void Tell()
    {
        if (!IsReachable)
        {
            return;
        }

        var seen = new ServiceObservation
        {
            ServiceId = "s1",
            Replicas = Replicas,
            Tasks = [.. _tasks.Select(task => task.Observe())],
        };
        _toldUntil = Later(_toldUntil, world.Now + world.UpTo(0.05));
        world.At(_toldUntil, () =>
        {
            if (IsReachable)
            {
                Observer(seen);
            }
        });
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;
}

/// <summary>A task as it really is.</summary>
internal sealed class SimulatedTask(int number)
{
    internal string Id { get; } = $"t{number}";

    internal string Container { get; } = $"c{number}";

    internal TaskPhase Phase { get; set; } = TaskPhase.Pending;

    internal bool IsWanted { get; set; } = true;

    internal bool IsPaused { get; set; }

    internal bool Serves { get; set; }

    internal string? Error { get; set; }

    internal TimeSpan? EndedAt { get; set; }

    internal bool Answers => Serves && !IsPaused && Phase is TaskPhase.Running;

    internal TaskObservation Observe() => new()
    {
        Id = Id,
        Phase = Phase,
        IsWanted = IsWanted,
        HasStarted = Phase is TaskPhase.Running,
        Address = Phase >= TaskPhase.Preparing ? $"10.0.1.{number}" : null,
        ContainerId = Phase >= TaskPhase.Preparing ? Container : null,
        IsLocal = true,
        IsPaused = IsPaused,
        Error = Error,
    };
}
