using Drover.Core.Agents;

namespace Drover.Gateway.Tests.Rig;

/// <summary>A service of a <see cref="PlayedSwarm"/>: a test says what becomes of its tasks.</summary>
internal sealed class PlayedService(PlayedSwarm swarm, string name)
{
    private int _tasks;

    /// <summary>What Swarm says of it.</summary>
    public ServiceObservation Observation { get; private set; } = new() { ServiceId = $"id-of-{name}" };

    /// <summary>Where its tasks are; loopback reaches a played agent.</summary>
    public string Address { get; set; } = "127.0.0.1";

    /// <summary>True: a task that is ordered stays in preparation until <see cref="Start"/>.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Sets how many tasks it should have, as an operator does with docker service scale.</summary>
    public void Scale(int replicas) => swarm.Change(() =>
    {
        Observation = Observation with { Replicas = replicas };
        if (replicas == 0)
        {
            Observation = Observation with
            {
                Tasks = [.. Observation.Tasks.Where(task => task.Phase is TaskPhase.Failed).Take(1)],
            };
        }
        else if (!Observation.Tasks.Any(task => task is { IsWanted: true, Phase: < TaskPhase.Ended }))
        {
            Bring();
            if (!IsSlow)
            {
                Advance(task => Started(task));
            }
        }
    });

    /// <summary>Waits until a task is in preparation.</summary>
    public Task UntilComingAsync() => swarm.UntilAsync(
        () => Observation.Tasks is [{ IsWanted: true, Phase: < TaskPhase.Running }, ..], "a task is in preparation");

    /// <summary>The task that is in preparation runs.</summary>
    public void Start() => swarm.Change(() => Advance(Started));

    /// <summary>Another task comes in preparation, as when Swarm starts one again.</summary>
    public void BringAnother() => swarm.Change(Bring);

    /// <summary>Its newest task failed.</summary>
    public void Fail(string error, int? exitCode = 1) => swarm.Change(() => Advance(task => task with
    {
        Phase = TaskPhase.Failed,
        IsWanted = false,
        Error = error,
        ExitCode = exitCode,
    }));

    /// <summary>Its newest task waits, and Swarm says why.</summary>
    public void Wait(string error) =>
        swarm.Change(() => Advance(task => task with { Phase = TaskPhase.Pending, Error = error }));

    /// <summary>Its container is frozen, or goes on.</summary>
    public void Freeze(bool isPaused) => swarm.Change(() => Advance(task => task with { IsPaused = isPaused }));

    /// <summary>It is removed.</summary>
    public void Remove() => swarm.Change(() => Observation = new ServiceObservation());

    /// <summary>It changes in some other way.</summary>
    public void Become(Func<ServiceObservation, ServiceObservation> change) =>
        swarm.Change(() => Observation = change(Observation));

    private void Bring()
    {
        _tasks++;
        var task = new TaskObservation
        {
            Id = $"{name}-{_tasks}",
            Phase = TaskPhase.Preparing,
            IsWanted = true,
            Address = Address,
            ContainerId = $"container-of-{name}-{_tasks}",
            IsLocal = true,
        };
        Observation = Observation with { Tasks = [task, .. Observation.Tasks.Take(3)] };
    }

    private void Advance(Func<TaskObservation, TaskObservation> change)
    {
        if (Observation.Tasks.Count > 0)
        {
            Observation = Observation with { Tasks = [change(Observation.Tasks[0]), .. Observation.Tasks.Skip(1)] };
        }
    }

    private static TaskObservation Started(TaskObservation task) =>
        task with { Phase = TaskPhase.Running, HasStarted = true };
}
