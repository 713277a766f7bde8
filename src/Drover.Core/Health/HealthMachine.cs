namespace Drover.Core.Health;

/// <summary>
/// Runs and judges the probes of a component with the semantics of the kubelet. Pure and total.
/// <list type="bullet">
/// <item>Before any probe, liveness is success, readiness is failure and startup is unknown.</item>
/// <item>Until the startup probe has succeeded once only it runs; afterwards it rests until the next instance.</item>
/// <item>A result turns when its threshold of equal consecutive outcomes is reached; errors count for nothing.</item>
/// <item>A readiness that never succeeded is told as lost when its failures reach the threshold.</item>
/// <item>After a liveness or startup failure the probe is on hold until there is a new instance.</item>
/// <item>While the instance is being stopped liveness and startup are quiet; readiness goes on.</item>
/// <item>A probe never overlaps itself; a period missed meanwhile is made up for once, at once.</item>
/// <item>A probe that is added or changed under a running instance begins with what was believed before, so that
/// reading the file again makes nothing unready by itself, and counts anew; a startup probe that comes too late rests
/// until the next instance.</item>
/// </list>
/// One deviation, on purpose: a new instance also begins with fresh counts, so that it does not answer for the
/// failures of the one before. Source: Kubernetes, pkg/kubelet/prober/worker.go.
/// </summary>
public static class HealthMachine
{
    /// <summary>Answers one input.</summary>
    public static HealthTransition Decide(HealthSpec spec, HealthState state, HealthInput input)
    {
        var draft = new HealthDraft(spec, state, input.Now);
        switch (input)
        {
            case HealthInput.InstanceStarted started:
                draft.BeginInstance(started.Instance, started.Now, spread: 0);
                break;
            case HealthInput.InstanceAdopted adopted when IsKnown(state, adopted.Instance):
                draft.ResumeInstance(adopted.StartedAt, adopted.Spread);
                break;
            case HealthInput.InstanceAdopted adopted:
                draft.BeginInstance(adopted.Instance, adopted.StartedAt, adopted.Spread);
                break;
            case HealthInput.InstanceEnded when state.Phase is not HealthPhase.Idle:
                draft.EndInstance();
                break;
            case HealthInput.ProbesChanged changed when state.Phase is HealthPhase.Running:
                draft.ChangeProbes(changed.Kinds, changed.StartedAt);
                break;
            case HealthInput.ShutdownBegan when state.Phase is HealthPhase.Running:
                draft.BeginShutdown();
                break;
            case HealthInput.ProbeDue due
                when state.Of(due.Kind) is { Due: not null } probe && probe.Epoch == due.Epoch:
                draft.RunProbe(due.Kind, probe);
                break;
            case HealthInput.ProbeEnded ended
                when state.Of(ended.Kind) is { RunningSince: not null } probe && probe.Epoch == ended.Epoch:
                draft.JudgeProbe(ended, probe);
                break;
            default:
                // Too late, too early or twice: a timer or a result of a former step.
                break;
        }

        return draft.Finish();
    }

    private static bool IsKnown(HealthState state, long instance) =>
        state.Phase is not HealthPhase.Idle && state.Instance == instance;
}
