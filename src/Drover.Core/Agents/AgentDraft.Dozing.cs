namespace Drover.Core.Agents;

/// <summary>Frozen instead of ended: from the order to freeze to what befalls a frozen task.</summary>
internal sealed partial class AgentDraft
{
    private void Freeze()
    {
        if (MayFreeze(out var container))
        {
            _runtime = _runtime with { Phase = AgentPhase.Freezing };
            Order(new AgentEffect.Pause(NextNumber(), container));
        }
        else
        {
            CallSleepOff("its task cannot be frozen");
        }
    }

    private bool MayFreeze(out string container)
    {
        container = IsTargetUp ? TaskOf(Service, _runtime.Target!)!.ContainerId ?? "" : "";
        return container.Length > 0 && _runtime.Order is null;
    }

    private void EndFreeze(OrderOutcome outcome)
    {
        var wanted = _runtime.Wake?.Cause;
        if (_runtime.Sleep is { IsDoze: false })
        {
            Fall();
            return;
        }

        if (outcome is not OrderOutcome.Done)
        {
            _runtime = _runtime with { CannotFreeze = _runtime.Target?.Id };
            CallSleepOff("its task cannot be frozen");
            return;
        }

        EndAll();
        if (wanted is null)
        {
            BecomeAsleep(Word(SleepCause.Idle), Doze);
        }

        _runtime = _runtime with { Phase = AgentPhase.Dozing };
        LookLater();
        if (wanted is { } cause)
        {
            AskForRoom(new Wake(cause, _now) { IsThaw = true });
        }
        else
        {
            WatchDoze(before: null);
        }
    }

    private void WatchDoze(ServiceObservation? before)
    {
        var target = _runtime.Target!;
        var task = TaskOf(Service, target);
        if (Service.Replicas == 0)
        {
            BeGoneWithoutUs();
        }
        else if (task is not { IsUp: true } || task.Address != target.Address)
        {
            AwaitTask(Outside);
        }
        else if (!task.IsPaused && TaskOf(before, target) is { IsPaused: true })
        {
            Serve(target);
        }
    }
}
