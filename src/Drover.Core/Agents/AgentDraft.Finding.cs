namespace Drover.Core.Agents;

/// <summary>Taking up what is, where nobody here made it so.</summary>
internal sealed partial class AgentDraft
{
    /// <summary>
    /// Takes up what is, where nothing was known or nothing of it was ours: what runs serves at once, for a gateway
    /// that starts again must not turn away the clients of a healthy agent.
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
}
