namespace Drover.Core.Agents;

/// <summary>What Swarm says of the service.</summary>
internal sealed partial class AgentDraft
{
    private const string Outside = "swarm";


    private ServiceObservation Service => _runtime.Seen ?? new ServiceObservation();

    private bool IsAnythingWanted =>
        Service.Tasks.Any(task => task.IsWanted && task.Phase < TaskPhase.Ended);

    /// <summary>Takes what Swarm says of the service.</summary>
    internal void Observe(ServiceObservation service)
    {
        var before = _runtime.Seen;
        _runtime = _runtime with { Seen = service };
        if (_spec.Policy is AgentPolicy.Unmanaged)
        {
            Follow();
        }
        else if (service.ServiceId is null)
        {
            Vanish();
        }
        else
        {
            Answer(before);
        }
    }

    private void Answer(ServiceObservation? before)
    {
        switch (_runtime.Phase)
        {
            case AgentPhase.Unseen or AgentPhase.Missing:
                Reconcile();
                break;
            case AgentPhase.Asleep when Service.Replicas > 0:
                AwaitTask(Outside);
                break;
            case AgentPhase.Waking:
                WatchWake();
                break;
            case AgentPhase.Serving:
                WatchTarget(before);
                break;
            case AgentPhase.Lost:
                WatchForTask();
                break;
            case AgentPhase.Falling:
                WatchFall();
                break;
            case AgentPhase.Dozing:
                WatchDoze(before);
                break;
            case AgentPhase.Asleep or AgentPhase.Draining or AgentPhase.Freezing:
                // What is under way ends first; the last that was seen counts then.
                break;
        }
    }

    private void Serve(AgentTask task)
    {
        var wake = _runtime.Wake;
        EndAll();
        Aim(task);
        LiftFence();
        _runtime = _runtime with
        {
            Phase = AgentPhase.Serving,
            Failures = 0,
            FailedWakes = 0,
            RestsUntil = null,
            ServingSince = _now,
            ProbeAt = _now + _spec.ProbePeriod,
        };
        if (wake?.Cause is not { } cause)
        {
            BecomeReady(Outside);
            LookLater();
            return;
        }

        var took = _now - wake.StartedAt;
        _runtime = wake.IsThaw
            ? _runtime with { Thaws = _runtime.Thaws.Add(took) }
            : _runtime with { Wakes = _runtime.Wakes.Add(took) };
        BecomeReady(
            Word(cause), ("tier", wake.IsThaw ? Doze : Cold), ("duration_ms", (long)took.TotalMilliseconds));
        LookLater();
    }

    private void WatchTarget(ServiceObservation? before)
    {
        var target = _runtime.Target!;
        var task = TaskOf(Service, target);
        if (Service.Replicas == 0)
        {
            BeGoneWithoutUs();
        }
        else if (task is { IsUp: true, IsPaused: true } && TaskOf(before, target) is { IsPaused: false })
        {
            BeFrozenWithoutUs(target);
        }
        else if (task is not { IsUp: true } || task.Address != target.Address)
        {
            if (CandidateTask() is { Phase: TaskPhase.Running, IsPaused: false } other)
            {
                Aim(AimOf(other));
                AskTask(_runtime.Target!, isEager: false);
            }
            else
            {
                Lose(task is null ? WhyNotServing() : AgentFault.Of(task) ?? WhyNotServing());
            }
        }
    }

    private void BeGoneWithoutUs()
    {
        if (!_spec.IsOnDemand)
        {
            Lose(ScaledDown());
            return;
        }

        EndAll();
        Aim(null);
        BecomeAsleep(AgentReasons.ScaledDown);
        _runtime = _runtime with { Phase = AgentPhase.Asleep };
    }

    private void BeFrozenWithoutUs(AgentTask target)
    {
        if (_spec.IsOnDemand)
        {
            FindFrozen(target);
        }
        else
        {
            Lose(Frozen());
        }
    }

    /// <summary>Nothing is under way any more, whatever it was.</summary>
    private void EndAll()
    {
        StopAsking();
        _runtime = _runtime with
        {
            Wake = null,
            Sleep = null,
            ReadyBy = null,
            RetryAt = null,
            Retries = 0,
            QuietAt = null,
            LookAt = null,
            HurryUntil = null,
            IsGivenUp = false,
            IsSuspect = false,
        };
    }

    private AgentTask? Candidate() => CandidateTask() is { } task ? AimOf(task) : null;

    /// <summary>The task to send requests to: the one that serves as long as it is up, then what Swarm calls
    /// running, then what its engine says has started.</summary>
    private TaskObservation? CandidateTask()
    {
        var up = Service.Tasks.Where(task => task is { IsUp: true, Address: not null }).ToList();
        return up.FirstOrDefault(task => task.Id == _runtime.Target?.Id)
            ?? up.FirstOrDefault(task => task is { Phase: TaskPhase.Running, IsPaused: false })
            ?? up.FirstOrDefault();
    }

    private AgentFault? NewestFault() => Service.Tasks.Select(AgentFault.Of).FirstOrDefault(fault => fault is not null);

    private AgentFault WhyNotServing() => NewestFault() ?? (Service switch
    {
        { ServiceId: null } => new AgentFault(AgentReasons.NoService, "there is no such service in the Swarm"),
        { Replicas: 0 } => ScaledDown(),
        _ when Service.Tasks.Any(task => task.IsUp) => new AgentFault(
            AgentReasons.NoAddress, "its task has no address in a network that the gateway shares with it"),
        _ => new AgentFault(AgentReasons.TaskFailed, "no task of it runs"),
    });

    private static AgentFault ScaledDown() =>
        new(AgentReasons.ScaledDown, "its service is scaled to nothing, and its policy leaves that to the operator");

    private static AgentFault Frozen() =>
        new(AgentReasons.Frozen, "its container is paused, and its policy leaves that to the operator");

    private static AgentTask AimOf(TaskObservation task) => new(task.Id, task.Address!);

    private static TaskObservation? TaskOf(ServiceObservation? service, AgentTask target) =>
        service?.Tasks.FirstOrDefault(task => task.Id == target.Id);
}
