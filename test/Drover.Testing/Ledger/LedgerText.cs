using System.Globalization;

namespace Drover.Testing.Ledger;

/// <summary>A ledger as lines in the order of their times, for the one who reads a failure.</summary>
public static class LedgerText
{
    /// <summary>What happened and what was told.</summary>
    public static string Of(RunLedger run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var lines = run.Engine.Select(one => (one.Time, Text: $"engine: {one.Container} {one.Action}"))
            .Append((run.Begun, "from here on everything is news"))
            .Concat(run.Events.Select(one => (one.Time, $"event {one.Id}: {one.Type} {one.Subject}")))
            .Concat(run.AgentOutages.Select(one => (one.From, $"agent gone, back at {Time(one.Until)}")));
        return string.Join('\n', lines.OrderBy(line => line.Item1).Select(line => $"{Time(line.Item1)} {line.Item2}"));
    }

    private static string Time(DateTimeOffset? time) =>
        time?.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture) ?? "never";
}
