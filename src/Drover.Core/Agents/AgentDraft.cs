using Drover.Core.Events;

namespace Drover.Core.Agents;

/// <summary>One decision of <see cref="AgentMachine"/> in the making; nothing of it outlives the decision.</summary>
internal sealed partial class AgentDraft(Agent agent, AgentInput input)
{
    private const string Cold = "stop";
    private const string Doze = "doze";

    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestRetry = TimeSpan.FromSeconds(30);

    private readonly List<AgentEffect> _effects = [];
    private readonly TimeSpan _now = input.Now;
    private readonly AgentUsage _usage = input.Usage;
    private AgentSpec _spec = agent.Spec;
    private AgentRuntime _runtime = agent.Runtime;

    private Agent Present => new(_spec, _runtime);

    internal AgentTransition Finish() => new(Present, _effects);

    /// <summary>
    /// What an order came to. It may have been given in another phase: then what is wanted now is ordered now.
    /// </summary>
    internal void EndOrder(AgentEffect.Order order, OrderOutcome outcome, string reason)
    {
        _runtime = _runtime with
        {
            Order = null,
            Retries = outcome is OrderOutcome.Unreachable ? _runtime.Retries + 1 : 0,
        };
        switch (_runtime.Phase)
        {
            case AgentPhase.Waking:
                EndWakeOrder(order, outcome, reason);
                break;
            case AgentPhase.Falling when order is AgentEffect.Scale { Replicas: 0 }:
                EndFallOrder(outcome, reason);
                break;
            case AgentPhase.Falling:
                OrderScale(0);
                break;
            case AgentPhase.Freezing:
                EndFreeze(outcome);
                break;
            case AgentPhase.Unseen or AgentPhase.Missing:
                Reconcile();
                break;
            default:
                // It was overtaken: what Swarm says of the service counts.
                break;
        }
    }

    /// <summary>The user's file changed; what it says counts from now on.</summary>
    internal void Respecify(AgentSpec spec)
    {
        var isSamePolicy = spec.Policy == _spec.Policy;
        _spec = spec;
        if (isSamePolicy)
        {
            _runtime = _runtime with
            {
                LookAt = _runtime.LookAt is null ? null : _now,
                ProbeAt = Sooner(_runtime.ProbeAt, _now + spec.ProbePeriod),
            };
            return;
        }

        AnswerSleepers("its policy changed");
        LiftFence();
        EndAll();
        _runtime = _runtime with { Phase = AgentPhase.Unseen };
        Reconcile();
    }

    private void BecomeStarting(string cause)
    {
        if (_runtime.State is not AgentState.Starting)
        {
            _runtime = _runtime with { State = AgentState.Starting };
            Emit(EventTypes.AgentStarting, ("cause", cause));
        }

        _runtime = _runtime with { Fault = null };
    }

    private void BecomeDegraded(AgentFault fault)
    {
        if (_runtime.State is not AgentState.Degraded)
        {
            _runtime = _runtime with { State = AgentState.Degraded };
            Emit(EventTypes.AgentDegraded, ("reason", fault.Code), ("message", fault.Message));
        }

        _runtime = _runtime with { Fault = fault };
    }

    private void BecomeAsleep(string cause, string tier = Cold, AgentFault? fault = null)
    {
        if (_runtime.State is not AgentState.Sleeping || (tier == Cold && _runtime.IsDozing))
        {
            _runtime = _runtime with { State = AgentState.Sleeping };
            Emit(EventTypes.AgentSleep, ("cause", cause), ("tier", tier), ("message", fault?.Message ?? ""));
        }

        _runtime = _runtime with { Fault = fault };
    }

    private void BecomeReady(string cause, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        if (_runtime.State is not AgentState.Ready)
        {
            _runtime = _runtime with { State = AgentState.Ready };
            Emit(EventTypes.AgentReady, [("cause", cause), .. fields]);
        }

        _runtime = _runtime with { Fault = null, ReadyBy = null };
    }

    /// <summary>The task is where requests would go; another one than before begins a new generation.</summary>
    private void Aim(AgentTask? target)
    {
        if (_runtime.Target != target)
        {
            _runtime = _runtime with
            {
                Target = target,
                Generation = _runtime.Generation + (target is null ? 0 : 1),
                Failures = 0,
                IsSuspect = false,
            };
        }
    }

    private void OrderScale(int replicas)
    {
        _runtime = _runtime with { RetryAt = null };
        Order(new AgentEffect.Scale(NextNumber(), replicas));
    }

    private void Order(AgentEffect.Order order)
    {
        _runtime = _runtime with { Order = order };
        _effects.Add(order);
    }

    private void TryAgainLater()
    {
        var delay = FirstRetry * Math.Pow(2, Math.Min(_runtime.Retries - 1, 16));
        _runtime = _runtime with { RetryAt = _now + (delay < LongestRetry ? delay : LongestRetry) };
    }

    private void RaiseFence(long number)
    {
        _runtime = _runtime with { IsFenced = true };
        _effects.Add(new AgentEffect.RaiseFence(number));
    }

    private void LiftFence()
    {
        if (_runtime.IsFenced)
        {
            _runtime = _runtime with { IsFenced = false };
            _effects.Add(new AgentEffect.LiftFence());
        }
    }

    private void AnswerSleepers(string? refusal) => _effects.Add(new AgentEffect.AnswerSleep(refusal));

    private long NextNumber()
    {
        _runtime = _runtime with { Number = _runtime.Number + 1 };
        return _runtime.Number;
    }

    private void Emit(EventType type, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        var list = new List<AgentDetail>(fields.Length);
        foreach (var (name, value) in fields)
        {
            if (value is not "")
            {
                list.Add(new AgentDetail(name, value));
            }
        }

        _effects.Add(new AgentEffect.Emit(type, list));
    }

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static TimeSpan? Sooner(TimeSpan? at, TimeSpan other) => at is { } one && other < one ? other : at;
}
