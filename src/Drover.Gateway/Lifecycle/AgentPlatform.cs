using Drover.Gateway.Agents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Events;

namespace Drover.Gateway.Lifecycle;

/// <summary>What the lives of agents are led with.</summary>
/// <param name="Watch">Who knows services.</param>
/// <param name="Scaler">Who changes what runs.</param>
/// <param name="Prober">Who asks tasks.</param>
/// <param name="Events">Who is told what happened.</param>
internal sealed record AgentPlatform(
    IServiceWatch Watch, IServiceScaler Scaler, IAgentProber Prober, IEventPublisher Events)
{
    /// <summary>
    /// Makes room for an agent that is about to wake. Null: there is room; else one sentence why there is none.
    /// </summary>
    public Func<AgentSeat, CancellationToken, ValueTask<string?>> AdmitAsync { get; init; } =
        static (_, _) => ValueTask.FromResult<string?>(null);
}
