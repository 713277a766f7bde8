using System.Text;
using Drover.Gateway.Metrics;
using Drover.HostAgent.LocalApi;
using Drover.Runtime.Events;
using Drover.Runtime.Metrics;
using Drover.Server.Features.Status;

namespace Drover.Reference;

/// <summary>docs/reference/metrics.md, from the metrics that the roles declare.</summary>
internal static class MetricsPage
{
    private const string Introduction = """
        In the Prometheus text format 0.0.4. Counters, and what counts "since the start", begin again at 0 with the
        process. A histogram `NAME` has the series `NAME_bucket` (label `le`), `NAME_sum` and `NAME_count`. The end of a
        name tells the unit; without one it is a number of things.

        """;

    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("# Metrics\n\n").Append(ReferencePages.Generated).Append("\n\n").Append(Introduction);
        Write(
            page,
            "Server",
            "`GET /metrics`, with the token of any role or over the unix socket.",
            ServerMetricSpecs.All);
        Write(
            page,
            "Host agent",
            "`GET /metrics` of its local API (`host_agent.local_api`, off unless set, loopback only).",
            AgentMetricSpecs.All);
        Write(
            page,
            "Gateway",
            "`GET /metrics` of its admin listener (`gateway.admin`), with the admin token or over its socket. Series "
                + "of an agent go with the agent.",
            GatewayMetricSpecs.All);
        Write(
            page,
            "Events and webhooks",
            "Of every role that has webhooks, beside its own.",
            EventMetrics.All);
        return page.ToString();
    }

    private static void Write(StringBuilder page, string title, string where, IReadOnlyList<MetricSpec> metrics)
    {
        page.Append("\n## ").Append(title).Append("\n\n").Append(where).Append("\n\n");
        page.Append("| metric | type | labels | meaning |\n|---|---|---|---|\n");
        foreach (var metric in metrics.OrderBy(metric => metric.Name, StringComparer.Ordinal))
        {
            var labels = metric.Labels.Select(label => $"`{label.Name}`: {label.Meaning}");
            page.Append("| `").Append(metric.Name).Append("` | ").Append(metric.Kind).Append(" | ")
                .Append(ReferencePages.Escape(string.Join("; ", labels))).Append(" | ")
                .Append(ReferencePages.Escape(metric.Meaning)).Append(" |\n");
        }
    }
}
