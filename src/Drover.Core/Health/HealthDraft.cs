namespace Drover.Core.Health;

/// <summary>One decision of <see cref="HealthMachine"/> in the making; nothing of it outlives the decision.</summary>
internal sealed class HealthDraft(HealthSpec spec, HealthState state, TimeSpan now)
{
    private static readonly ProbeKind[] Kinds = [ProbeKind.Startup, ProbeKind.Liveness, ProbeKind.Readiness];

    private readonly List<HealthEffect> _effects = [];
    private HealthState _next = state;
    private string _unreadyMessage = "";

    internal HealthTransition Finish()
    {
        var ready = _next.Phase is not HealthPhase.Idle
            && _next.Started
            && _next.Readiness is null or { Result: ProbeResult.Success };
        if (ready != _next.Ready)
        {
            _next = _next with { Ready = ready };
            _effects.Add(ready
                ? new HealthEffect.BecameReady(_next.Instance)
                : new HealthEffect.BecameUnready(_next.Instance, _unreadyMessage));
        }

        return new HealthTransition(_next, _effects);
    }

    internal void BeginInstance(long instance, TimeSpan startedAt, double spread)
    {
        _next = new HealthState(
            HealthPhase.Running,
            instance,
            Started: false,
            Ready: false,
            _next.Epoch,
            Fresh(ProbeKind.Startup, ProbeResult.Unknown, startedAt, spread),
            Fresh(ProbeKind.Liveness, ProbeResult.Success, startedAt, spread),
            Fresh(ProbeKind.Readiness, ProbeResult.Failure, startedAt, spread));
        if (_next.Startup is { } startup)
        {
            Schedule(ProbeKind.Startup, startup, startup.Anchor);
        }
        else
        {
            FinishStartup();
        }
    }

    internal void ResumeInstance(TimeSpan startedAt, double spread)
    {
        foreach (var kind in Kinds)
        {
            if (_next.Of(kind) is not { } probe || spec.Of(kind) is not { } probeSpec)
            {
                // The file was changed while nobody was there.
                BeginAnew(kind, startedAt, spread);
                continue;
            }

            var anchor = Anchor(probeSpec, startedAt, spread);
            var resumed = probe with { Anchor = anchor };
            if (probe.OnHold)
            {
                // Whether anybody acted on the failure before the supervisor went away is not known: say it again.
                _next = _next.With(kind, resumed);
                _effects.Add(new HealthEffect.Failed(_next.Instance, kind, probe.Message, probeSpec.StopGrace));
            }
            else if (probe.Due is not null || probe.RunningSince is not null)
            {
                Schedule(kind, resumed, anchor);
            }
        }

        if (!_next.Started && _next.Startup is null)
        {
            FinishStartup();
        }
    }

    internal void ChangeProbes(IReadOnlyList<ProbeKind> kinds, TimeSpan startedAt)
    {
        var wasStarted = _next.Started;
        foreach (var kind in kinds.Where(kind => _next.Of(kind) is not { OnHold: true }))
        {
            BeginAnew(kind, startedAt, spread: 0);
        }

        if (!wasStarted && _next.Startup is null)
        {
            FinishStartup();
        }
    }

    internal void EndInstance()
    {
        _unreadyMessage = "the instance ended";
        _next = _next with { Phase = HealthPhase.Idle };
        foreach (var kind in Kinds)
        {
            Rest(kind, ProbeResult.Failure);
        }
    }

    internal void BeginShutdown()
    {
        _next = _next with { Phase = HealthPhase.ShuttingDown };
        RestWell(ProbeKind.Startup);
        RestWell(ProbeKind.Liveness);
    }

    internal void RunProbe(ProbeKind kind, ProbeState probe)
    {
        if (spec.Of(kind) is not { } probeSpec)
        {
            Rest(kind, probe.Result);
            return;
        }

        var epoch = NewEpoch();
        _next = _next.With(kind, probe with { Due = null, RunningSince = now, Epoch = epoch });
        _effects.Add(new HealthEffect.RunProbe(kind, _next.Instance, epoch, probeSpec.Timeout));
    }

    internal void JudgeProbe(HealthInput.ProbeEnded ended, ProbeState probe)
    {
        if (spec.Of(ended.Kind) is not { } probeSpec)
        {
            Rest(ended.Kind, probe.Result);
            return;
        }

        var judged = Count(probe, ended);
        if (ended.Outcome is ProbeOutcome.Error || !ReachesThreshold(judged, probeSpec))
        {
            Schedule(ended.Kind, judged, NextDue(judged, probeSpec));
            return;
        }

        judged =
            judged with { Result = ended.Outcome is ProbeOutcome.Success ? ProbeResult.Success : ProbeResult.Failure };
        switch (ended.Kind, judged.Result)
        {
            case (ProbeKind.Startup, ProbeResult.Success):
                _next = _next.With(ended.Kind, judged with { RunningSince = null });
                FinishStartup();
                break;
            case (ProbeKind.Startup or ProbeKind.Liveness, ProbeResult.Failure):
                _next = _next.With(ended.Kind, judged with { RunningSince = null, OnHold = true, InARow = 0 });
                _effects.Add(new HealthEffect.Failed(_next.Instance, ended.Kind, ended.Message, probeSpec.StopGrace));
                break;
            default:
                _unreadyMessage = ended.Message;
                if (NeverBecomesReady(ended.Kind, judged, probeSpec))
                {
                    _effects.Add(new HealthEffect.BecameUnready(_next.Instance, ended.Message));
                }

                Schedule(ended.Kind, judged, NextDue(judged, probeSpec));
                break;
        }
    }

    /// <summary>
    /// Readiness begins at failure, so its failures turn nothing; once there are as many as it may have, that is no
    /// longer a beginning.
    /// </summary>
    private bool NeverBecomesReady(ProbeKind kind, ProbeState judged, ProbeSpec probeSpec) =>
        kind is ProbeKind.Readiness
        && judged.Result is ProbeResult.Failure
        && judged.InARow == probeSpec.FailureThreshold
        && _next is { Ready: false, Phase: HealthPhase.Running };

    private static ProbeState Count(ProbeState probe, HealthInput.ProbeEnded ended) => ended.Outcome switch
    {
        ProbeOutcome.Error => probe with { Message = ended.Message },
        _ => probe with
        {
            LastOutcome = ended.Outcome,
            InARow = probe.LastOutcome == ended.Outcome && probe.InARow < int.MaxValue ? probe.InARow + 1 : 1,
            Message = ended.Message,
        },
    };

    private static bool ReachesThreshold(ProbeState probe, ProbeSpec probeSpec) =>
        probe.InARow
            >= (probe.LastOutcome is ProbeOutcome.Success ? probeSpec.SuccessThreshold : probeSpec.FailureThreshold);

    private void FinishStartup()
    {
        _next = _next with { Started = true };
        _effects.Add(new HealthEffect.Started(_next.Instance));
        if (_next.Liveness is { } liveness && spec.Liveness is { } livenessSpec)
        {
            var due = liveness.Anchor >= now ? liveness.Anchor : GridAfter(liveness.Anchor, livenessSpec.Period, now);
            Schedule(ProbeKind.Liveness, liveness, due);
        }

        if (_next.Readiness is { } readiness)
        {
            // The kubelet triggers readiness by hand here, so that a service is not a period late.
            Schedule(ProbeKind.Readiness, readiness, readiness.Anchor > now ? readiness.Anchor : now);
        }
    }

    private ProbeState? Fresh(ProbeKind kind, ProbeResult result, TimeSpan startedAt, double spread) =>
        spec.Of(kind) is { } probeSpec
            ? new ProbeState(result) { Anchor = Anchor(probeSpec, startedAt, spread) }
            : null;

    private TimeSpan Anchor(ProbeSpec probeSpec, TimeSpan startedAt, double spread)
    {
        var first = startedAt + probeSpec.InitialDelay;
        var spreadOut = now + (probeSpec.Period * Math.Clamp(spread, 0, 1));
        return first > spreadOut ? first : spreadOut;
    }

    /// <summary>The next beat after the one this run belongs to, at once when that has passed meanwhile.</summary>
    private TimeSpan NextDue(ProbeState probe, ProbeSpec probeSpec)
    {
        var beat = GridAfter(probe.Anchor, probeSpec.Period, probe.RunningSince ?? now);
        return beat > now ? beat : now;
    }

    private static TimeSpan GridAfter(TimeSpan anchor, TimeSpan period, TimeSpan instant)
    {
        var ticks = (instant - anchor).Ticks;
        var beats = ticks < 0 ? 0 : (ticks / period.Ticks) + 1;
        return anchor + TimeSpan.FromTicks(beats * period.Ticks);
    }

    private void Schedule(ProbeKind kind, ProbeState probe, TimeSpan due)
    {
        var epoch = NewEpoch();
        _next = _next.With(kind, probe with { Due = due, RunningSince = null, Epoch = epoch });
        _effects.Add(new HealthEffect.ProbeAt(kind, due, epoch));
    }

    /// <summary>The probe as the file has it now, under an instance that runs already.</summary>
    private void BeginAnew(ProbeKind kind, TimeSpan startedAt, double spread)
    {
        if (spec.Of(kind) is not { } probeSpec)
        {
            _next = _next.With(kind, null);
            return;
        }

        var believed = kind switch
        {
            ProbeKind.Startup when !_next.Started => ProbeResult.Unknown,
            ProbeKind.Readiness when !_next.Ready => ProbeResult.Failure,
            _ => ProbeResult.Success,
        };
        var fresh = new ProbeState(believed) { Anchor = Anchor(probeSpec, startedAt, spread), Epoch = NewEpoch() };
        _next = _next.With(kind, fresh);
        if (_next.Started == kind is not ProbeKind.Startup)
        {
            Schedule(kind, fresh, fresh.Anchor);
        }
    }

    /// <summary>One that has failed is what the instance is ended for, and stays so.</summary>
    private void RestWell(ProbeKind kind) =>
        Rest(kind, _next.Of(kind) is { OnHold: true } failed ? failed.Result : ProbeResult.Success);

    private void Rest(ProbeKind kind, ProbeResult result)
    {
        if (_next.Of(kind) is { } probe)
        {
            _next =
                _next.With(kind, probe with { Result = result, Due = null, RunningSince = null, Epoch = NewEpoch() });
        }
    }

    private long NewEpoch()
    {
        _next = _next with { Epoch = _next.Epoch + 1 };
        return _next.Epoch;
    }
}
