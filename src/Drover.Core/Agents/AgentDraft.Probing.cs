using Drover.Core.Events;

namespace Drover.Core.Agents;

/// <summary>Whether a task serves: asked while somebody waits for it, and now and then while it does.</summary>
internal sealed partial class AgentDraft
{
    private static readonly TimeSpan FirstProbePause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestProbePause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RecoveryPeriod = TimeSpan.FromSeconds(1);

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
                    EventTypes.AgentHealthFailed, ("failures", (long)_runtime.Failures), ("message", message));
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

    private void AskTask(AgentTask task, bool isEager)
    {
        var probe = new AgentEffect.Probe(NextNumber(), task, isEager);
        _runtime = _runtime with { Probe = probe, ProbeAt = null };
        _effects.Add(probe);
    }

    private void StopAsking() => _runtime = _runtime with { Probe = null, ProbeAt = null, ProbeMessage = null };
}
