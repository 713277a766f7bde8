using Drover.Core.Events;

namespace Drover.Core.Agents;

/// <summary>What Swarm and probes say, and what follows where nobody here ordered anything.</summary>
internal sealed partial class AgentDraft
{
    private const string Outside = "swarm";

    private static readonly TimeSpan Hurries = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstProbePause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestProbePause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RecoveryPeriod = TimeSpan.FromSeconds(1);

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

    /// <summary>A request could not be handed over: Swarm and the task are asked at once.</summary>
    internal void Suspect()
    {
        if (_runtime.IsRouted && !_runtime.IsSuspect)
        {
            _runtime = _runtime with { IsSuspect = true, HurryUntil = _now + RecoveryPeriod };
            if (_runtime.Probe is null && _spec.Policy is not AgentPolicy.Unmanaged)
            {
                AskTask(_runtime.Target!, isEager: true);
            }
        }
    }

    /// <summary>What a probe found.</summary>
    internal void EndProbe(AgentEffect.Probe probe, bool isGood, string message)
    {
        _runtime = _runtime with { Probe = null, ProbeMessage = isGood ? null : message };
        if (_runtime.Phase is AgentPhase.Serving && probe.Task == _runtime.Target)
        {
            Judge(isGood, message);
        }
        else if (_runtime.Phase is AgentPhase.Waking or AgentPhase.Lost && Candidate() == probe.Task)
        {
            if (isGood)
            {
                Serve(probe.Task);
            }
            else
            {
                _runtime = _runtime with { ProbeAt = _now + ProbePause() };
            }
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

    /// <summary>
    /// Takes up what is, where nothing was known or nothing of it was ours: what runs serves at once, for a gateway that
    /// starts again must not turn away the clients of a healthy agent.
    /// </summary>
    private void Reconcile()
    {
        if (_runtime.Seen is null || _runtime.Order is not null)
        {
            return;
        }

        var wanted = _runtime.Wake?.Cause;
        _runtime = _runtime with { Wake = null };
        var task = CandidateTask();
        if (_spec.Policy is AgentPolicy.Unmanaged)
        {
            Follow();
        }
        else if (Service.ServiceId is null)
        {
            Vanish();
        }
        else if (Service.Replicas == 0)
        {
            FindNothing();
        }
        else if (task is { IsPaused: true })
        {
            BeFrozenWithoutUs(AimOf(task));
        }
        else if (task is { IsPaused: false, Phase: TaskPhase.Running })
        {
            Serve(AimOf(task));
        }
        else
        {
            AwaitTask(Outside);
        }

        if (wanted is { } cause)
        {
            WantAwake(cause);
        }
    }

    /// <summary>Of an agent that is not managed only the address is followed; it is always said to be ready.</summary>
    private void Follow()
    {
        Aim(Candidate());
        _runtime = _runtime with
        {
            Phase = AgentPhase.Serving,
            State = AgentState.Ready,
            Fault = _runtime.Target is not null ? null : WhyNotServing(),
            ProbeAt = null,
            LookAt = null,
        };
    }

    private void Vanish()
    {
        if (_runtime.Phase is AgentPhase.Missing)
        {
            return;
        }

        AnswerSleepers("there is no such service any more");
        EndAll();
        _runtime = _runtime with { Phase = AgentPhase.Missing };
        Aim(null);
        BecomeDegraded(new AgentFault(AgentReasons.NoService, "there is no such service in the Swarm"));
    }

    private void FindNothing()
    {
        Aim(null);
        StopAsking();
        if (!_spec.IsOnDemand)
        {
            _runtime = _runtime with { Phase = AgentPhase.Lost, QuietAt = null };
            BecomeDegraded(ScaledDown());
            return;
        }

        EndAll();
        BecomeAsleep(Outside);
        _runtime = _runtime with { Phase = AgentPhase.Asleep };
    }

    private void FindFrozen(AgentTask task)
    {
        EndAll();
        Aim(task);
        if (!_runtime.IsFenced)
        {
            RaiseFence(NextNumber());
        }

        BecomeAsleep(Outside, Doze);
        _runtime = _runtime with { Phase = AgentPhase.Dozing, ServingSince = _now };
        _runtime = _runtime with { LookAt = NextLook() };
    }

    /// <summary>Swarm brings a task that nobody here ordered, or brings back one that was lost.</summary>
    private void AwaitTask(string cause)
    {
        EndAll();
        Aim(null);
        BecomeStarting(cause);
        _runtime = _runtime with
        {
            Phase = AgentPhase.Waking,
            Wake = new Wake(Cause: null, _now) { Step = WakeStep.Coming, SawReplicas = true },
        };
        WatchWake();
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
            Word(cause), ("tier", wake.IsThaw ? Doze : Cold), ("duration_ms", Number(took.TotalMilliseconds)));
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

    /// <summary>What served does so no more. Swarm brings another task or does not.</summary>
    private void Lose(AgentFault fault)
    {
        EndAll();
        Aim(null);
        BecomeDegraded(fault);
        _runtime = _runtime with
        {
            Phase = AgentPhase.Lost,
            HurryUntil = _now + Hurries,
        };
        LookLater();
        WatchForTask();
    }

    private void WatchForTask()
    {
        if (Service.Replicas == 0)
        {
            BeGoneWhileLost();
            return;
        }

        var task = CandidateTask();
        if (task is { IsPaused: true })
        {
            BeFrozenWithoutUsWhileLost(task);
            return;
        }

        AskSoon(task is null ? null : AimOf(task));
        WatchSilence();
        if (_runtime.Fault is { Code: AgentReasons.ScaledDown or AgentReasons.Frozen }
            || (task is null && NewestFault() is not null))
        {
            BecomeDegraded(WhyNotServing());
        }
    }

    private void BeGoneWhileLost()
    {
        if (_spec.IsOnDemand)
        {
            BeGoneWithoutUs();
            return;
        }

        StopAsking();
        BecomeDegraded(ScaledDown());
        _runtime = _runtime with { QuietAt = null };
    }

    private void BeFrozenWithoutUsWhileLost(TaskObservation task)
    {
        if (_spec.IsOnDemand)
        {
            FindFrozen(AimOf(task));
            return;
        }

        StopAsking();
        BecomeDegraded(Frozen());
    }

    /// <summary>Desired, and nothing runs or is on its way: after a while that says that Swarm has stopped.</summary>
    private void WatchSilence()
    {
        var isQuiet = !IsAnythingWanted;
        _runtime = _runtime with
        {
            IsGivenUp = _runtime.IsGivenUp && isQuiet,
            QuietAt = isQuiet && !_runtime.IsGivenUp ? _runtime.QuietAt ?? _now + Agent.Settles : null,
        };
    }

    /// <summary>Swarm does not restart it any more.</summary>
    private void GiveUp()
    {
        _runtime = _runtime with { IsGivenUp = true };
        var newest = NewestFault()?.Message ?? "its task ended";
        var fault = Service.MaxAttempts is not null
            ? new AgentFault(AgentReasons.RestartExhausted, $"Swarm has stopped restarting it: {newest}")
            : new AgentFault(AgentReasons.TaskFailed, $"Swarm starts no other task: {newest}");
        BecomeDegraded(fault);
        if (Service.MaxAttempts is not null)
        {
            Emit(EventTypes.RestartExhausted, ("cause", AgentReasons.TaskFailed), ("message", fault.Message));
        }

        if (_spec.IsOnDemand)
        {
            FallAfterFailure();
        }
        else
        {
            StopAsking();
            _runtime = _runtime with { Phase = AgentPhase.Lost, Wake = null };
        }
    }

    private void Judge(bool isGood, string message)
    {
        if (isGood)
        {
            _runtime = _runtime with { Failures = 0, IsSuspect = false };
            BecomeReady("health");
        }
        else
        {
            _runtime = _runtime with { Failures = _runtime.Failures + 1 };
            if (_runtime.State is AgentState.Ready
                && (_runtime.IsSuspect || _runtime.Failures >= _spec.FailureThreshold))
            {
                Emit(
                    EventTypes.AgentHealthFailed, ("failures", Number(_runtime.Failures)), ("message", message));
                BecomeDegraded(new AgentFault(AgentReasons.Unhealthy, $"it fails its health checks: {message}"));
            }
        }

        var isWell = _runtime.State is AgentState.Ready;
        var period = isWell || _spec.ProbePeriod < RecoveryPeriod ? _spec.ProbePeriod : RecoveryPeriod;
        _runtime = _runtime with { ProbeAt = _now + period };
    }

    /// <summary>Asks the task at once, unless it is asked or about to be.</summary>
    private void AskSoon(AgentTask? task)
    {
        if (task is null)
        {
            StopAsking();
        }
        else if (_runtime.Probe?.Task != task && (_runtime.ProbeAt is null || _runtime.Probe is not null))
        {
            AskTask(task, isEager: true);
        }
    }

    private TimeSpan ProbePause()
    {
        if (_runtime.Wake is not { } wake)
        {
            return _runtime.HurryUntil is null ? RecoveryPeriod : LongestProbePause;
        }

        var pause = (_now - wake.StartedAt) / 20;
        return pause < FirstProbePause ? FirstProbePause
            : pause > LongestProbePause ? LongestProbePause
            : pause;
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
