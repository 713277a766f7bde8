using System.Globalization;
using Drover.Core.Health;
using Drover.Supervisor.Control;
using Drover.Terminal;

namespace Drover.Supervision;

/// <summary>Every probe of a component: what it asks, what it found, when it asks again.</summary>
internal static class ProbeTable
{
    internal static Table Of(ComponentStatus component, DateTimeOffset now)
    {
        var table = new Table("PROBE", "ASKS", "RESULT", "LAST RUN", "IN A ROW", "LATENCY", "NEXT RUN", "SAID");
        foreach (var probe in component.Probes)
        {
            table.Add(
                Word(probe.Kind),
                probe.Target,
                new(Word(probe.Result), ToneOf(probe.Result)),
                LastRun(probe, now),
                probe.LastOutcome is null ? "-" : probe.InARow.ToString(CultureInfo.InvariantCulture),
                probe.LatencyMs is { } latency
                    ? string.Create(CultureInfo.InvariantCulture, $"{latency:0.0} ms")
                    : "-",
                NextRun(probe, now),
                probe.Message.Length == 0 ? "-" : probe.Message);
        }

        return table;
    }

    private static string LastRun(ProbeStatus probe, DateTimeOffset now) =>
        (probe.LastOutcome, probe.LastRunAt) switch
        {
            (null, null) => "-",
            (null, { } at) => $"error {StatusText.Span(now - at)} ago",
            ({ } outcome, null) => Word(outcome),
            ({ } outcome, { } at) => $"{Word(outcome)} {StatusText.Span(now - at)} ago",
        };

    private static string NextRun(ProbeStatus probe, DateTimeOffset now) => probe switch
    {
        { OnHold: true } => "on hold",
        { NextRunAt: { } at } => StatusText.Until(at, now),
        _ => "-",
    };

    private static string Word<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private static Tone ToneOf(ProbeResult result) => result switch
    {
        ProbeResult.Success => Tone.Good,
        ProbeResult.Failure => Tone.Bad,
        ProbeResult.Unknown => Tone.Warning,
    };
}
