namespace Drover.Core.Agents;

/// <summary>What is due.</summary>
internal sealed partial class AgentDraft
{
    /// <summary>Does what is due, and nothing that is not.</summary>
    internal void PassTime()
    {
        if (_runtime.HurryUntil <= _now)
        {
            _runtime = _runtime with
            {
                HurryUntil = null,
                IsSuspect = _runtime.IsSuspect && _runtime.Probe is not null,
            };
        }

        if (Present.StartupEndsAt <= _now)
        {
            EndWait();
        }

        if (Present.DrainEndsAt <= _now)
        {
            EndDrain();
        }

        if (_runtime.RetryAt <= _now)
        {
            Retry();
        }

        if (_runtime.QuietAt <= _now)
        {
            EndSilence();
        }

        if (_runtime.ProbeAt <= _now)
        {
            AskAgain();
        }

        if (_runtime.LookAt <= _now)
        {
            LookWhetherIdle();
        }
    }

    private void EndWait()
    {
        if (_runtime.Wake is { Step: WakeStep.Settling })
        {
            OrderWake();
        }
        else
        {
            EndStartup();
        }
    }

    private void Retry()
    {
        _runtime = _runtime with { RetryAt = null };
        if (_runtime.Phase is AgentPhase.Falling)
        {
            OrderScale(0);
        }
        else if (_runtime.Phase is AgentPhase.Waking)
        {
            RetryWake();
        }
    }

    private void EndSilence()
    {
        _runtime = _runtime with { QuietAt = null };
        if (_runtime.Phase is AgentPhase.Falling)
        {
            EndFall();
        }
        else if (_runtime.Phase is AgentPhase.Waking or AgentPhase.Lost)
        {
            GiveUp();
        }
    }

    private void AskAgain()
    {
        _runtime = _runtime with { ProbeAt = null };
        if (_runtime.Phase is AgentPhase.Serving && _runtime.Target is { } target)
        {
            AskTask(target, isEager: false);
        }
        else if (_runtime.Phase is AgentPhase.Waking or AgentPhase.Lost && Candidate() is { } candidate)
        {
            AskTask(candidate, isEager: true);
        }
    }
}
