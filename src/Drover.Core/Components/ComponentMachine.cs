namespace Drover.Core.Components;

/// <summary>
/// Decides what happens to one component: a process, a container or something watched. Pure and total: no clock, no
/// I/O, no chance of its own; every state answers every input, and what comes too late changes nothing. A launch is
/// ordered only when there is no instance and none on its way, so that two never live at once.
/// The runner feeds inputs one at a time, stores the next component, then carries out the effects in order.
/// </summary>
public static class ComponentMachine
{
    /// <summary>Answers one input.</summary>
    public static Transition Decide(Component component, Input input)
    {
        var draft = new ComponentDraft(component, input);
        var runtime = component.Runtime;
        switch (input)
        {
            case Input.Start or Input.Restart when runtime.Phase is InstancePhase.None:
                draft.LaunchByOrder();
                break;
            case Input.Start or Input.Restart when runtime.State is ComponentState.Stopping:
                // Also when it is being ended for its probe: the policy alone might let it rest.
                draft.ChangePurpose(StopPurpose.Relaunch);
                break;
            case Input.Restart:
                draft.BeginOrderedStop(StopPurpose.Relaunch);
                break;
            case Input.Stop:
                Stop(draft, runtime);
                break;
            case Input.Woke woke when runtime.WakeAt is not null && woke.Epoch == runtime.Epoch:
                Wake(draft, runtime);
                break;
            case Input.Recovered recovered:
                Recover(draft, runtime, recovered);
                break;
            case Input.Reconfigured reconfigured:
                draft.Reconfigure(reconfigured);
                break;
            default:
                AnswerInstance(draft, runtime, input);
                break;
        }

        return draft.Finish();
    }

    /// <summary>
    /// What instances and their probes report. A report of any other instance than the present is stale.
    /// </summary>
    private static void AnswerInstance(ComponentDraft draft, ComponentRuntime runtime, Input input)
    {
        var isLaunching = runtime.Phase is InstancePhase.Launching;
        var isAlive = runtime.Phase is InstancePhase.Alive;
        var isStopping = runtime.State is ComponentState.Stopping;
        switch (input)
        {
            case Input.Launched launched when isLaunching && launched.Instance == runtime.Instance:
                draft.MarkAlive();
                break;
            case Input.LaunchFailed failed when isLaunching && failed.Instance == runtime.Instance:
                draft.EndInstance(failed.Cause, wasLaunched: false);
                break;
            case Input.Ending ending when isAlive && !isStopping && ending.Instance == runtime.Instance:
                draft.BeginClearing(ending.Cause);
                break;
            case Input.Exited exited when (isLaunching || isAlive) && exited.Instance == runtime.Instance:
                // A short-lived instance may have ended before its launch was reported.
                draft.EndInstance(exited.Cause, wasLaunched: true);
                break;
            case Input.BecameReady ready when isAlive && !isStopping && ready.Instance == runtime.Instance:
                draft.MarkReady();
                break;
            case Input.BecameUnready unready when isAlive && !isStopping && unready.Instance == runtime.Instance:
                draft.MarkUnready(unready.Message);
                break;
            case Input.ProbeFailed failed when isAlive && !isStopping && failed.Instance == runtime.Instance:
                draft.EndForProbe(failed);
                break;
            default:
                // Too late, too early or twice.
                break;
        }
    }

    private static void Stop(ComponentDraft draft, ComponentRuntime runtime)
    {
        switch (runtime.State)
        {
            case ComponentState.Starting or ComponentState.Running or ComponentState.Unhealthy:
                draft.BeginOrderedStop(StopPurpose.Rest);
                break;
            case ComponentState.Stopping:
                draft.ChangePurpose(StopPurpose.Rest);
                break;
            case ComponentState.Backoff or ComponentState.Failed:
                draft.Rest(new EndCause.Operator());
                break;
            case ComponentState.Stopped:
                break;
        }
    }

    private static void Wake(ComponentDraft draft, ComponentRuntime runtime)
    {
        switch (runtime.State)
        {
            case ComponentState.Backoff:
                draft.LaunchAgain(isRetry: false);
                break;
            case ComponentState.Failed:
                draft.TryAfterFailed();
                break;
            case ComponentState.Stopping:
                draft.KillInstance();
                break;
            case ComponentState.Starting or ComponentState.Running or ComponentState.Unhealthy
                or ComponentState.Stopped:
                break;
        }
    }

    private static void Recover(ComponentDraft draft, ComponentRuntime runtime, Input.Recovered recovered)
    {
        var isUnrecorded = recovered.LastSeen > runtime.Instance && !recovered.IsAlive;
        if (recovered.IsEnding && !draft.IsWatched && (isUnrecorded || runtime.Phase is not InstancePhase.None))
        {
            draft.GoOnClearing(recovered);
        }
        else if (isUnrecorded)
        {
            draft.EndUnrecorded(recovered.LastSeen);
        }
        else if (runtime.Phase is InstancePhase.None)
        {
            draft.RearmTimer();
        }
        else if (recovered.IsAlive || draft.IsWatched)
        {
            draft.AdoptInstance(recovered.StartedAt);
        }
        else
        {
            draft.EndInstance(
                recovered.Cause ?? new EndCause.Unknown(),
                wasLaunched: runtime.Phase is InstancePhase.Alive || recovered.Cause is not null);
        }
    }
}
