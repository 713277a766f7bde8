using Drover.Gateway.Agents;
using Drover.Gateway.Metrics;
using Drover.Gateway.Registration;
using Drover.Gateway.Routing;
using Drover.Gateway.Swarm;
using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;

namespace Drover.Gateway.Admin;

/// <summary>What answers to operators are made of.</summary>
/// <param name="Agents">The agents.</param>
/// <param name="Routes">The routes to them.</param>
/// <param name="Events">What happened.</param>
/// <param name="Watch">What Swarm says.</param>
/// <param name="Metrics">What is counted.</param>
/// <param name="Registrar">The hostnames that agents registered.</param>
/// <param name="Orders">Orders to sleep that are being carried out.</param>
/// <param name="Time">The clock.</param>
/// <param name="StartedAt">When the gateway started.</param>
/// <param name="Listens">What the public listeners are bound to, once they are.</param>
/// <param name="Stopping">The gateway ends.</param>
internal sealed record AdminDesk(
    AgentSet Agents,
    Routes Routes,
    EventFeed Events,
    IServiceWatch Watch,
    GatewayMetrics Metrics,
    Registrar Registrar,
    SleepOrders Orders,
    TimeProvider Time,
    DateTimeOffset StartedAt,
    Func<IReadOnlyList<string>> Listens,
    CancellationToken Stopping)
{
    /// <summary>Who is told of events over HTTP, once they are there.</summary>
    public Func<WebhookSet?> Webhooks { get; init; } = () => null;
}
