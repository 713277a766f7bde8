using Drover.Runtime.Events.Webhooks;
using Drover.Runtime.Metrics;

namespace Drover.Runtime.Events;

/// <summary>Counts a role's events and what became of telling them.</summary>
public sealed class EventMetrics : IEventSink
{
    internal const string Delivered = "delivered";
    internal const string Retried = "retried";
    internal const string Dead = "dead";
    internal const string Lost = "lost";

    private static readonly MetricLabel Webhook = new("webhook", "the receiver's name in `drover.yaml`");

    private static readonly MetricSpec Events = MetricSpec.Counter(
        "drover_events_total", "Events.", new MetricLabel("type", "see the page of events"));

    private static readonly MetricSpec Deliveries = MetricSpec.Counter(
        "drover_webhook_attempts_total",
        "What became of telling receivers of events.",
        Webhook,
        new MetricLabel(
            "outcome", "`delivered`; `retried`; `dead`: given up and kept; `lost`: dropped, there was no room"));

    private static readonly MetricSpec Waiting = MetricSpec.Gauge(
        "drover_webhook_waiting", "Events that a receiver has still to be told.", Webhook);

    private static readonly MetricSpec DeadLetters = MetricSpec.Gauge(
        "drover_webhook_dead_letters", "Events that a receiver did not take and that can be sent again.", Webhook);

    private readonly Counter _events;
    private readonly Counter _deliveries;
    private Func<IReadOnlyList<WebhookStatus>> _statuses = () => [];

    /// <param name="registry">The role's metrics.</param>
    public EventMetrics(MetricRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        _events = registry.AddCounter(Events);
        _deliveries = registry.AddCounter(Deliveries);
        registry.AddGauge(Waiting, () => Read(status => status.Waiting));
        registry.AddGauge(DeadLetters, () => Read(status => status.DeadLetters));
    }

    /// <summary>All of them, for the reference page.</summary>
    public static IReadOnlyList<MetricSpec> All { get; } = [Events, Deliveries, Waiting, DeadLetters];

    /// <inheritdoc/>
    public void Take(RoleEvent one)
    {
        ArgumentNullException.ThrowIfNull(one);
        Count(one.Type.Name);
    }

    /// <summary>Counts one event.</summary>
    public void Count(string type) => _events.Increment(type);

    internal void ReadFrom(Func<IReadOnlyList<WebhookStatus>> statuses) => Volatile.Write(ref _statuses, statuses);

    internal void CountDelivery(string webhook, string outcome, long count = 1) =>
        _deliveries.Add(count, webhook, outcome);

    private IEnumerable<(string Value, double Number)> Read(Func<WebhookStatus, double> number) =>
        Volatile.Read(ref _statuses)().Select(status => (status.Name, number(status)));
}
