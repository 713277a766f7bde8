using Drover.Core.Events;

namespace Drover.Core.Agents;

/// <summary>From the fence to rest. Until Swarm has been told, a sleep can be called off.</summary>
internal sealed partial class AgentDraft
{
    private const int MostRetries = 5;

    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan SoonestLook = TimeSpan.FromMilliseconds(10);

    /// <summary>Somebody wants it asleep.</summary>
    internal void WantAsleep(SleepCause cause)
    {
        if (!_spec.IsOnDemand)
        {
            AnswerSleepers("its policy is not on_demand: Swarm alone starts and stops it");
            return;
        }

        switch (_runtime.Phase)
        {
            case AgentPhase.Asleep:
                BecomeAsleep(Word(cause));
                AnswerSleepers(null);
                break;
            case AgentPhase.Unseen or AgentPhase.Missing:
                AnswerSleepers(_runtime.Fault?.Message ?? "nothing is known of it yet");
                break;
            case AgentPhase.Waking when cause is SleepCause.Operator:
                GiveWakeUp();
                break;
            case AgentPhase.Waking:
                AnswerSleepers("it is starting");
                break;
            case AgentPhase.Serving or AgentPhase.Lost when cause is SleepCause.Capacity && _usage.Open > 0:
                AnswerSleepers("work is open on it");
                break;
            case AgentPhase.Serving or AgentPhase.Lost:
                BeginDrain(cause, isDoze: false);
                break;
            case AgentPhase.Dozing:
                _runtime = _runtime with { Sleep = new Sleep(cause, _now) };
                Fall();
                break;
            case AgentPhase.Draining or AgentPhase.Freezing or AgentPhase.Falling:
                JoinSleep(cause);
                break;
        }
    }

    /// <summary>No more work begins.</summary>
    internal void StandFenced(bool isDrained)
    {
        if (_runtime.Phase is not AgentPhase.Draining)
        {
            return;
        }

        var sleep = _runtime.Sleep!;
        if (isDrained)
        {
            StandDrained();
        }
        else if (sleep.IsDoze || sleep.Cause is SleepCause.Capacity)
        {
            CallSleepOff("work is open on it");
        }
        else if (sleep.Cause is SleepCause.Idle && _usage.Open == _usage.WebSockets)
        {
            // Silent WebSockets end by no work's end, so there is nothing to wait for.
            CloseSockets();
        }
    }

    /// <summary>No work is open any more.</summary>
    internal void StandDrained()
    {
        if (_runtime.Phase is not AgentPhase.Draining)
        {
            return;
        }

        var sleep = _runtime.Sleep!;
        if (sleep.Closing is not null)
        {
            Fall();
        }
        else if (sleep.Cause is SleepCause.Idle && WasUsedSince(sleep.RaisedAt))
        {
            CallSleepOff("it was used meanwhile");
        }
        else if (sleep.IsDoze)
        {
            Freeze();
        }
        else
        {
            Fall();
        }
    }

    /// <summary>Nothing holds it any more: Swarm is told.</summary>
    internal void Fall()
    {
        if (_runtime.Phase is not (AgentPhase.Draining or AgentPhase.Dozing or AgentPhase.Freezing))
        {
            return;
        }

        var sleep = _runtime.Sleep!;
        if (sleep.Cause is SleepCause.Capacity)
        {
            Emit(EventTypes.AgentEvicted, ("idle_seconds", (long)_usage.SinceLast.TotalSeconds));
        }

        if (_runtime.Wake is null)
        {
            BecomeAsleep(Word(sleep.Cause));
        }

        StopAsking();
        Aim(null);
        _runtime = _runtime with
        {
            Phase = AgentPhase.Falling,
            Sleep = sleep with { IsDoze = false, Closing = null, IsOrdered = false },
            LookAt = null,
            QuietAt = null,
            HurryUntil = null,
        };
        if (_runtime.Order is null)
        {
            OrderScale(0);
        }
    }

    /// <summary>Puts it to sleep when nobody used it for long enough.</summary>
    private void LookWhetherIdle()
    {
        var busy = _usage.Open - (_spec.OpenWebSocketsCount ? 0 : _usage.WebSockets);
        if (_runtime.Phase is AgentPhase.Dozing)
        {
            if (Unused >= _spec.IdleTimeout)
            {
                WantAsleep(SleepCause.Idle);
                return;
            }
        }
        else if (busy == 0 && Unused >= _spec.IdleTimeout)
        {
            BeginDrain(SleepCause.Idle, isDoze: false);
            return;
        }
        else if (MayDoze && _usage.Open == 0 && Unused >= _spec.DozeAfter)
        {
            BeginDrain(SleepCause.Idle, isDoze: true);
            return;
        }

        LookLater();
    }

    /// <summary>How long nobody used it, and it could have been.</summary>
    private TimeSpan Unused => _now - _runtime.ServingSince is var serving && serving < _usage.SinceLast
        ? serving
        : _usage.SinceLast;

    private void LookLater() => _runtime = _runtime with { LookAt = _spec.IsOnDemand ? NextLook() : null };

    /// <summary>The first instant at which it can be idle, if nobody uses it until then.</summary>
    private TimeSpan NextLook()
    {
        var spent = _usage.Open > 0 && _runtime.Phase is not AgentPhase.Dozing ? TimeSpan.Zero : Unused;
        var left = _spec.IdleTimeout - spent;
        if (MayDoze && _spec.DozeAfter is { } doze && doze - spent is var sooner && sooner > TimeSpan.Zero
            && sooner < left)
        {
            left = sooner;
        }

        return _now + (left > SoonestLook ? left : SoonestLook);
    }

    private bool MayDoze => _spec.DozeAfter is not null
        && _runtime is { Phase: AgentPhase.Serving, State: AgentState.Ready, Target: { } target }
        && target.Id != _runtime.CannotFreeze
        && TaskOf(Service, target) is { IsLocal: true, ContainerId: not null };

    private void BeginDrain(SleepCause cause, bool isDoze)
    {
        var number = NextNumber();
        StopAsking();
        if (cause is SleepCause.Operator)
        {
            BecomeAsleep(
                Word(cause), fault: new AgentFault(AgentReasons.GoingToSleep, "an operator puts it to sleep"));
        }

        _runtime = _runtime with
        {
            Phase = AgentPhase.Draining,
            Sleep = new Sleep(cause, _now) { IsDoze = isDoze, Fence = number },
            LookAt = null,
            QuietAt = null,
        };
        RaiseFence(number);
    }

    /// <summary>Somebody else wants the sleep that is under way too; an operator's word counts most.</summary>
    private void JoinSleep(SleepCause cause)
    {
        var sleep = _runtime.Sleep!;
        var isStronger = cause is SleepCause.Operator;
        if (isStronger)
        {
            BecomeAsleep(Word(cause));
            _runtime = _runtime with { Wake = null, ReadyBy = null };
        }

        _runtime = _runtime with
        {
            Sleep = sleep with { IsDoze = false, Cause = isStronger ? cause : sleep.Cause, EndsFailure = false },
        };
    }

    /// <summary>An operator wants no wake: what was ordered is taken back.</summary>
    private void GiveWakeUp()
    {
        var isOrdered = _runtime.Wake is { Step: WakeStep.Ordering or WakeStep.Coming };
        BecomeAsleep(Word(SleepCause.Operator));
        if (isOrdered)
        {
            FallAfterFailure();
            _runtime = _runtime with
            {
                Sleep = _runtime.Sleep! with { EndsFailure = false },
                FailedWakes = 0,
                RestsUntil = null,
            };
        }
        else
        {
            EndAll();
            _runtime = _runtime with { Phase = AgentPhase.Asleep };
            AnswerSleepers(null);
        }
    }

    /// <summary>What did not come to serve is taken back, however often that must be tried.</summary>
    private void FallAfterFailure()
    {
        EndAll();
        Aim(null);
        _runtime = _runtime with
        {
            Phase = AgentPhase.Falling,
            Sleep = new Sleep(SleepCause.Operator, _now) { EndsFailure = true },
            FailedWakes = _runtime.FailedWakes + 1,
            RestsUntil = _now + RestAfter(_runtime.FailedWakes + 1),
        };
        if (_runtime.Order is null)
        {
            OrderScale(0);
        }
    }

    /// <summary>The first failure may be chance; those that follow are given more and more time.</summary>
    private static TimeSpan RestAfter(int failures)
    {
        var rest = TimeSpan.FromSeconds(failures < 2 ? 0 : Math.Pow(2, Math.Min(failures - 2, 16)));
        return rest < LongestRest ? rest : LongestRest;
    }

    private void CallSleepOff(string why)
    {
        LiftFence();
        AnswerSleepers(why);
        _runtime = _runtime with
        {
            Sleep = null,
            Wake = null,
            ReadyBy = null,
        };
        Resume();
    }

    /// <summary>It is as it was before the sleep, or as Swarm says it has become meanwhile.</summary>
    private void Resume()
    {
        if (Service.ServiceId is null || Service.Replicas == 0 || !IsTargetUp)
        {
            _runtime = _runtime with { Phase = AgentPhase.Unseen };
            Reconcile();
            return;
        }

        if (TaskOf(Service, _runtime.Target!) is { IsPaused: true })
        {
            FindFrozen(_runtime.Target!);
            return;
        }

        _runtime = _runtime with { Phase = AgentPhase.Serving, ProbeAt = _now + _spec.ProbePeriod };
        if (_runtime.Fault is not { Code: AgentReasons.Unhealthy })
        {
            BecomeReady("called_off");
        }

        LookLater();
    }

    private void CloseSockets()
    {
        var number = NextNumber();
        _runtime = _runtime with { Sleep = _runtime.Sleep! with { Closing = number } };
        _effects.Add(new AgentEffect.CloseSockets(number));
    }

    private void EndDrain()
    {
        var sleep = _runtime.Sleep!;
        if (sleep.Cause is SleepCause.Idle && WasUsedSince(sleep.RaisedAt))
        {
            CallSleepOff("it was used meanwhile");
        }
        else
        {
            CloseSockets();
        }
    }

    private bool WasUsedSince(TimeSpan instant) => _usage.SinceLast < _now - instant;

    private void EndFallOrder(OrderOutcome outcome, string reason)
    {
        var sleep = _runtime.Sleep!;
        switch (outcome)
        {
            case OrderOutcome.Done:
                _runtime = _runtime with
                {
                    Sleep = sleep with { IsOrdered = true },
                    QuietAt = _now + Agent.Settles,
                };
                WatchFall();
                break;
            case OrderOutcome.Unreachable when sleep.EndsFailure || _runtime.Retries <= MostRetries:
                TryAgainLater();
                WatchFall();
                break;
            default:
                AnswerSleepers(reason);
                EndAll();
                _runtime = _runtime with { Phase = AgentPhase.Unseen };
                Reconcile();
                break;
        }
    }

    private void WatchFall()
    {
        var isTold = _runtime.Sleep is { IsOrdered: true } || _runtime.RetryAt is not null;
        if (isTold && Service.Replicas == 0 && !IsAnythingWanted)
        {
            Rest();
        }
    }

    /// <summary>Swarm had its time to act on the order.</summary>
    private void EndFall()
    {
        if (Service.Replicas == 0)
        {
            Rest();
            return;
        }

        AnswerSleepers("somebody scaled its service up again");
        AwaitTask(Outside);
    }

    private void Rest()
    {
        var wake = _runtime.Wake;
        EndAll();
        _runtime = _runtime with { Phase = AgentPhase.Asleep };
        AnswerSleepers(null);
        if (wake is not null)
        {
            AskForRoom(wake);
        }
        else if (_runtime.State is AgentState.Sleeping)
        {
            _runtime = _runtime with { Fault = null };
        }
    }
}
