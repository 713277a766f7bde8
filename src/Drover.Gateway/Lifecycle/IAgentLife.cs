using Drover.Core.Agents;
using Drover.Gateway.Capacity;
using Drover.Gateway.Forwarding;

namespace Drover.Gateway.Lifecycle;

/// <summary>What requests, operators and capacity can ask of an agent's life. Thread-safe.</summary>
internal interface IAgentLife
{
    /// <summary>What it takes of the gateway's capacity now.</summary>
    AgentFootprint Footprint => default;

    /// <summary>
    /// Somebody wants the agent: a wake begins unless one is under way or it serves, and a sleep that has not reached
    /// Swarm is called off. Call it whenever a request finds no backend in the view, or the fence raised; take
    /// <see cref="Agents.AgentSeat.NextView"/> first, which completes once the order was looked at, whether the view
    /// changed by it or not. Returns at once; how it goes is seen in the view.
    /// </summary>
    void Wake(WakeCause cause);

    /// <summary>
    /// A request could not connect to this address: it may be that of a task which is gone. Says nothing where the view
    /// has another one by now. Returns at once; what comes of it is seen in the view.
    /// </summary>
    void ConnectFailed(Backend backend)
    {
    }

    /// <summary>Puts the agent to sleep: no new work, open work drained, then scaled to nothing.</summary>
    Task<SleepOutcome> SleepAsync(SleepCause cause, CancellationToken cancellationToken);
}

/// <summary>How an order to sleep ended.</summary>
internal abstract record SleepOutcome
{
    private SleepOutcome()
    {
    }

    /// <summary>It sleeps.</summary>
    internal sealed record Asleep : SleepOutcome;

    /// <summary>It stays awake.</summary>
    /// <param name="Reason">One sentence for people.</param>
    internal sealed record Refused(string Reason) : SleepOutcome;
}
