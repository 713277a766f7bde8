using System.Collections.Concurrent;
using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Forwarding;
using Drover.Gateway.Lifecycle;

namespace Drover.Gateway.Tests.Rig;

/// <summary>The life of an agent that a test leads: it hears what a real one hears and does what it is told.</summary>
internal sealed class PlayedLife(Action<Backend> onConnectFailed) : IAgentLife
{
    /// <summary>The addresses that somebody could not connect to, in order.</summary>
    public ConcurrentQueue<Backend> Failed { get; } = new();

    /// <summary>Puts it into an agent's place; what it does there may look at the seat.</summary>
    public static PlayedLife Lead(AgentSeat seat, Action<AgentSeat> onConnectFailed)
    {
        var life = new PlayedLife(_ => onConnectFailed(seat));
        seat.Life = life;
        return life;
    }

    public void Wake(WakeCause cause)
    {
    }

    public void ConnectFailed(Backend backend)
    {
        Failed.Enqueue(backend);
        onConnectFailed(backend);
    }

    public Task<SleepOutcome> SleepAsync(SleepCause cause, CancellationToken cancellationToken) =>
        Task.FromResult<SleepOutcome>(new SleepOutcome.Refused("a test leads it"));
}
