namespace Drover.Core.Agents;

/// <summary>
/// Decides about the life of one agent behind the gateway. Pure and total: no clock, no I/O, no chance; every state
/// answers every input, and what comes too late changes nothing. Swarm owns restarts: an agent whose policy is not on
/// demand is never ordered anything, and of one that is, only scale, pause and unpause, one order at a time.
/// The runner feeds inputs one at a time, stores the next agent, then carries out the effects in order.
/// </summary>
public static class AgentMachine
{
    /// <summary>Answers one input.</summary>
    public static AgentTransition Decide(Agent agent, AgentInput input)
    {
        ArgumentNullException.ThrowIfNull(agent);
        var draft = new AgentDraft(agent, input);
        var runtime = agent.Runtime;
        switch (input)
        {
            case AgentInput.Seen seen:
                draft.Observe(seen.Service);
                break;
            case AgentInput.WakeWanted wake:
                draft.WantAwake(wake.Cause);
                break;
            case AgentInput.SleepWanted sleep:
                draft.WantAsleep(sleep.Cause);
                break;
            case AgentInput.Suspected suspected when suspected.Generation == runtime.Generation:
                draft.Suspect();
                break;
            case AgentInput.Respecified respecified:
                draft.Respecify(respecified.Spec);
                break;
            case AgentInput.Ticked:
                draft.PassTime();
                break;
            default:
                AnswerResult(draft, runtime, input);
                break;
        }

        return draft.Finish();
    }

    /// <summary>What effects came to. A result of any other effect than the one waited for is stale.</summary>
    private static void AnswerResult(AgentDraft draft, AgentRuntime runtime, AgentInput input)
    {
        switch (input)
        {
            case AgentInput.Admitted admitted when IsAsked(runtime, admitted.Number):
                draft.LetIn();
                break;
            case AgentInput.Denied denied when IsAsked(runtime, denied.Number):
                draft.TurnAway(denied.Reason);
                break;
            case AgentInput.Ordered ordered when runtime.Order is { } order && order.Number == ordered.Number:
                draft.EndOrder(order, ordered.Outcome, ordered.Reason);
                break;
            case AgentInput.Probed probed when runtime.Probe is { } probe && probe.Number == probed.Number:
                draft.EndProbe(probe, probed.IsGood, probed.Message);
                break;
            case AgentInput.Fenced fenced when runtime.Sleep?.Fence == fenced.Number:
                draft.StandFenced(fenced.IsDrained);
                break;
            case AgentInput.Drained drained when runtime.Sleep?.Fence == drained.Number:
                draft.StandDrained();
                break;
            case AgentInput.SocketsClosed closed when runtime.Sleep?.Closing == closed.Number:
                draft.Fall();
                break;
            default:
                // Too late, or twice.
                break;
        }
    }

    private static bool IsAsked(AgentRuntime runtime, long number) =>
        runtime is { Phase: AgentPhase.Waking, Wake: { Step: WakeStep.Admission } wake } && wake.Admission == number;
}
