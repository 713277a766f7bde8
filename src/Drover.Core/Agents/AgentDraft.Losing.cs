using Drover.Core.Events;

namespace Drover.Core.Agents;

/// <summary>
/// While it should serve and nothing of it does: Swarm brings another task, or says by silence that it will not.
/// </summary>
internal sealed partial class AgentDraft
{
    private static readonly TimeSpan Hurries = TimeSpan.FromSeconds(10);

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
            || (task is null && !_runtime.IsGivenUp && NewestFault() is not null))
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
}
