using System.Text.Json;
using Drover.Core.Agents;
using Drover.Core.Events;
using Drover.Gateway.Activity;
using Drover.Gateway.Agents;
using Drover.Gateway.ColdStart;
using Drover.Gateway.Routing;
using Drover.Runtime.Events;
using Drover.Runtime.Metrics;

namespace Drover.Gateway.Metrics;

/// <summary>
/// What the gateway counts of itself and of its agents, read from them when somebody asks. What happens to agents it
/// hears as everybody else does: from the events.
/// </summary>
internal sealed class GatewayMetrics : IEventSink
{
    private static readonly AgentState[] States = Enum.GetValues<AgentState>();
    private static readonly WorkKind[] Kinds = Enum.GetValues<WorkKind>();

    private readonly MetricRegistry _registry = new();
    private AgentSet? _agents;

    public GatewayMetrics(Routes routes, TimeProvider time)
    {
        var startedAt = time.GetUtcNow();
        _registry.AddGauge(GatewayMetricSpecs.Started, () => startedAt.ToUnixTimeMilliseconds() / 1000.0);
        _registry.Add(GatewayMetricSpecs.State, () => OfEach(StatesOf));
        _registry.Add(GatewayMetricSpecs.Connections, () => OfEach(ConnectionsOf));
        _registry.Add(GatewayMetricSpecs.Held, () => OfEach(seat => [One(seat, seat.Activity.Waiting)]));
        _registry.Add(GatewayMetricSpecs.Registered, () => RegisteredOf(routes.Table));
        _registry.Add(
            GatewayMetricSpecs.Requests,
            () => OfEach(seat => seat.Meter.Answers().Select(
                answer => new MetricSample([seat.Name, answer.Class], answer.Count))));
        _registry.Add(GatewayMetricSpecs.Wakes, () => OfEach(seat => Counts(seat, seat.Meter.WakesBegun)));
        _registry.Add(GatewayMetricSpecs.Failures, () => OfEach(seat => Counts(seat, seat.Meter.Failures)));
        _registry.Add(GatewayMetricSpecs.Sleeps, () => OfEach(seat => Counts(seat, seat.Meter.Sleeps)));
        _registry.Add(
            GatewayMetricSpecs.Evictions, () => OfEach(seat => [One(seat, seat.Meter.Evictions.Count)]));
        _registry.Add(
            GatewayMetricSpecs.Forwarding,
            AgentMeter.BoundsOfForwarding,
            () => All.Select(seat => seat.Meter.Forwarding.Read(seat.Name)));
        _registry.Add(
            GatewayMetricSpecs.ReadyDuration,
            AgentMeter.BoundsOfReady,
            () => All.Select(seat => seat.Meter.Ready.Read(seat.Name)));
        _registry.Add(
            GatewayMetricSpecs.WakeDuration,
            AgentMeter.BoundsOfWakes,
            () => All.SelectMany(
                seat => seat.Meter.Wakes.All.Select(wakes => wakes.One.Read([seat.Name, .. wakes.Labels]))));
    }

    /// <summary>Whose agents are counted; there are none before.</summary>
    public AgentSet Agents
    {
        set => Volatile.Write(ref _agents, value);
    }

    private IReadOnlyCollection<AgentSeat> All => Volatile.Read(ref _agents)?.All ?? [];

    /// <summary>Where other parts of the gateway add their own.</summary>
    public MetricRegistry Registry => _registry;

    /// <summary>As Prometheus reads it.</summary>
    public string Write() => _registry.Write();

    /// <inheritdoc/>
    public void Take(RoleEvent one)
    {
        if (one.Subject is not { } name || Volatile.Read(ref _agents)?.Find(name)?.Meter is not { } meter)
        {
            return;
        }

        if (one.Type == EventTypes.AgentWake)
        {
            meter.WakesBegun.Of(Text(one, "cause")).Add();
        }
        else if (one.Type == EventTypes.AgentReady && Number(one, "duration_ms") is { } took)
        {
            meter.Wakes.Of(TierOf(one)).Observe(TimeSpan.FromMilliseconds(took));
        }
        else if (one.Type == EventTypes.AgentSleep)
        {
            meter.Sleeps.Of(Text(one, "cause"), TierOf(one)).Add();
        }
        else if (one.Type == EventTypes.AgentDegraded)
        {
            meter.Failures.Of(Text(one, "reason")).Add();
        }
        else if (one.Type == EventTypes.AgentEvicted)
        {
            meter.Evictions.Add();
        }
    }

    private static IEnumerable<MetricSample> StatesOf(AgentSeat seat)
    {
        var now = seat.View.State;
        return States.Select(
            state => new MetricSample([seat.Name, AgentStatus.WordOf(state)], state == now ? 1 : 0));
    }

    private static IEnumerable<MetricSample> ConnectionsOf(AgentSeat seat) => Kinds.Select(
        kind => new MetricSample([seat.Name, NameOf(kind)], seat.Activity.OpenOf(kind)));

    private static string NameOf(WorkKind kind) => kind switch
    {
        WorkKind.Http => "http",
        WorkKind.Events => "events",
        WorkKind.Grpc => "grpc",
        WorkKind.WebSocket => "websocket",
    };

    private IEnumerable<MetricSample> RegisteredOf(RouteTable table)
    {
        var counts = table.All.Where(route => route.IsRegistered).CountBy(route => route.Agent).ToDictionary();
        return OfEach(seat => [One(seat, counts.GetValueOrDefault(seat))]);
    }

    private IEnumerable<MetricSample> OfEach(Func<AgentSeat, IEnumerable<MetricSample>> samples) =>
        All.SelectMany(samples);

    private static MetricSample One(AgentSeat seat, double value) => new([seat.Name], value);

    private static IEnumerable<MetricSample> Counts(AgentSeat seat, Tallies<Tally> tallies) =>
        tallies.All.Select(tally => new MetricSample([seat.Name, .. tally.Labels], tally.One.Count));

    private static string TierOf(RoleEvent one) => Text(one, "tier") is "doze" ? "doze" : "stop";

    private static string Text(RoleEvent one, string field) =>
        one.Data.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()!
            : "unknown";

    private static double? Number(RoleEvent one, string field) =>
        one.Data.TryGetProperty(field, out var value) && value.ValueKind is JsonValueKind.Number
            ? value.GetDouble()
            : null;
}
