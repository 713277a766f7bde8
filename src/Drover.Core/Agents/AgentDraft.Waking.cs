using Drover.Core.Events;

namespace Drover.Core.Agents;

/// <summary>From the first who wants it to the first answer.</summary>
internal sealed partial class AgentDraft
{
    /// <summary>
    /// Somebody wants it. One wake at a time, however many want it; a sleep that has not reached Swarm is called off,
    /// but for an operator's, which only an operator calls off: what comes meanwhile wakes it right after.
    /// </summary>
    internal void WantAwake(WakeCause cause)
    {
        if (!_spec.IsOnDemand)
        {
            return;
        }

        switch (_runtime.Phase)
        {
            case AgentPhase.Unseen:
                _runtime = _runtime with { Wake = _runtime.Wake ?? new Wake(cause, _now) };
                break;
            case AgentPhase.Asleep or AgentPhase.Falling when cause is WakeCause.Request && _now < _runtime.RestsUntil:
                // Wakes of it fail one after the other, and why is said: not every request tries again.
                break;
            case AgentPhase.Asleep:
                BeginWake(cause);
                break;
            case AgentPhase.Dozing:
                BeginThaw(cause);
                break;
            case AgentPhase.Draining when cause is WakeCause.Operator
                || _runtime.Sleep is not { Cause: SleepCause.Operator }:
                CallSleepOff("somebody asked for it while it was going to sleep");
                break;
            case AgentPhase.Draining or AgentPhase.Falling or AgentPhase.Freezing:
                RememberWake(cause);
                break;
            case AgentPhase.Waking or AgentPhase.Serving or AgentPhase.Lost or AgentPhase.Missing:
                // It is awake, on its way, or Swarm's to bring.
                break;
        }
    }

    /// <summary>There is room for it.</summary>
    internal void LetIn()
    {
        var wake = _runtime.Wake! with { StartedAt = _now };
        _runtime = _runtime with { Wake = wake, ReadyBy = _now + HistoryOf(wake).Estimate };
        if (wake.IsThaw)
        {
            OrderThaw();
        }
        else
        {
            Advance(WakeStep.Settling);
            WatchWake();
        }
    }

    /// <summary>There is no room for it; the next who wants it asks again.</summary>
    internal void TurnAway(string reason)
    {
        var isThaw = _runtime.Wake is { IsThaw: true };
        EndAll();
        BecomeAsleep(
            AgentReasons.Capacity, isThaw ? Doze : Cold, new AgentFault(AgentReasons.Capacity, reason));
        _runtime = _runtime with
        {
            Phase = isThaw ? AgentPhase.Dozing : AgentPhase.Asleep,
        };
        if (isThaw)
        {
            LookLater();
        }
    }

    private void BeginWake(WakeCause cause)
    {
        AnnounceWake(cause, Cold);
        AskForRoom(new Wake(cause, _now));
    }

    private void BeginThaw(WakeCause cause)
    {
        AnnounceWake(cause, Doze);
        AskForRoom(new Wake(cause, _now) { IsThaw = true });
    }

    private void RememberWake(WakeCause cause)
    {
        if (_runtime.Wake is null)
        {
            AnnounceWake(cause, _runtime.Phase is AgentPhase.Freezing ? Doze : Cold);
            _runtime = _runtime with { Wake = new Wake(cause, _now), ReadyBy = _now + _runtime.Wakes.Estimate };
        }
    }

    private void AnnounceWake(WakeCause cause, string tier)
    {
        Emit(EventTypes.AgentWake, ("cause", Word(cause)), ("tier", tier));
        BecomeStarting(Word(cause));
    }

    private void AskForRoom(Wake wake)
    {
        var number = NextNumber();
        _runtime = _runtime with
        {
            Phase = AgentPhase.Waking,
            Wake = wake with { Step = WakeStep.Admission, Admission = number },
            ReadyBy = _now + HistoryOf(wake).Estimate,
            LookAt = null,
            QuietAt = null,
        };
        _effects.Add(new AgentEffect.Admit(number));
    }

    private void WatchWake()
    {
        switch (_runtime.Wake!.Step)
        {
            case WakeStep.Settling when !IsAnythingWanted || _runtime.Seen is { Replicas: > 0 }:
                OrderWake();
                break;
            case WakeStep.Ordering when _runtime.Wake is { IsThaw: false } && Service.Replicas > 0:
                _runtime = _runtime with { Wake = _runtime.Wake with { SawReplicas = true } };
                break;
            case WakeStep.Coming:
                WatchArrival(_runtime.Wake);
                break;
            default:
                break;
        }
    }

    private void OrderWake()
    {
        _runtime = _runtime with
        {
            Wake = _runtime.Wake! with { Before = [.. Service.Tasks.Select(task => task.Id)] },
        };
        Advance(WakeStep.Ordering);
        OrderScale(1);
    }

    private void OrderThaw()
    {
        Advance(WakeStep.Ordering);
        if (_runtime.Target is { } target && TaskOf(Service, target) is { ContainerId: { } container, IsUp: true })
        {
            _runtime = _runtime with { RetryAt = null };
            Order(new AgentEffect.Unpause(NextNumber(), container));
        }
        else
        {
            AwaitTask(Outside);
        }
    }

    private void WatchArrival(Wake wake)
    {
        if (Service.Replicas == 0)
        {
            // Swarm is heard a little late: until it has been seen to want a task, this is from before the order.
            if (wake.SawReplicas)
            {
                BeGoneWhileComing();
            }

            return;
        }

        _runtime = _runtime with { Wake = wake with { SawReplicas = true } };
        var faults = Service.Tasks
            .Where(task => !wake.Before.Contains(task.Id))
            .Select(AgentFault.Of)
            .OfType<AgentFault>()
            .ToList();
        if (wake.Cause is not null && faults.Find(fault => fault.IsHopeless) is { } hopeless)
        {
            FailWake(hopeless);
            return;
        }

        var task = CandidateTask();
        _runtime = _runtime with { Fault = task is null ? faults.FirstOrDefault() : null };
        if (task is { IsPaused: true })
        {
            BeFrozenWithoutUs(AimOf(task));
            return;
        }

        AskSoon(task is null ? null : AimOf(task));
        WatchSilence();
    }

    private void BeGoneWhileComing()
    {
        EndAll();
        Aim(null);
        if (_spec.IsOnDemand)
        {
            BecomeAsleep(
                AgentReasons.ScaledDown,
                fault: new AgentFault(AgentReasons.ScaledDown, "somebody scaled its service to nothing"));
            _runtime = _runtime with { Phase = AgentPhase.Asleep };
        }
        else
        {
            Lose(ScaledDown());
        }
    }

    private void EndWakeOrder(AgentEffect.Order order, OrderOutcome outcome, string reason)
    {
        switch (outcome)
        {
            case OrderOutcome.Unreachable:
                _runtime = _runtime with { Fault = new AgentFault(AgentReasons.EngineUnreachable, reason) };
                TryAgainLater();
                break;
            case OrderOutcome.Done when order is AgentEffect.Unpause && IsTargetUp:
                Serve(_runtime.Target!);
                break;
            case OrderOutcome.Refused when order is AgentEffect.Scale:
                EndAll();
                BecomeDegraded(new AgentFault(AgentReasons.Refused, reason));
                _runtime = _runtime with { Phase = AgentPhase.Asleep };
                break;
            case OrderOutcome.Done or OrderOutcome.Refused when order is AgentEffect.Unpause:
                // It is not frozen, or it is gone: whatever Swarm has of it is asked.
                AwaitTask(Outside);
                break;
            default:
                Advance(WakeStep.Coming);
                WatchWake();
                break;
        }
    }

    private void RetryWake()
    {
        if (_runtime.Wake is { IsThaw: true })
        {
            OrderThaw();
        }
        else
        {
            OrderScale(1);
        }
    }

    /// <summary>It took too long. Swarm may still bring one where nobody here had ordered it.</summary>
    private void EndStartup()
    {
        var found = _runtime.ProbeMessage is { } message ? $": {message}" : "";
        var fault = _runtime.Fault ?? OfAddress()
            ?? new AgentFault(AgentReasons.StartupTimeout, $"it did not serve within its startup_timeout{found}");
        if (_runtime.Wake is { Cause: not null })
        {
            FailWake(fault);
        }
        else
        {
            Lose(fault);
        }
    }

    private AgentFault? OfAddress() => Service.Tasks.Any(task => task.IsUp && task.Address is null)
        ? WhyNotServing()
        : null;

    private void FailWake(AgentFault fault)
    {
        BecomeDegraded(fault);
        FallAfterFailure();
    }

    private bool IsTargetUp => _runtime.Target is { } target && TaskOf(Service, target) is { IsUp: true };

    private WakeHistory HistoryOf(Wake wake) => wake.IsThaw ? _runtime.Thaws : _runtime.Wakes;

    private void Advance(WakeStep step) => _runtime = _runtime with { Wake = _runtime.Wake! with { Step = step } };
}
