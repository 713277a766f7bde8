using System.Globalization;
using Drover.Wire.People;

namespace Drover.Testing.Ledger;

/// <summary>
/// Compares the container events the server has with what the engine says, container by container: each at most once
/// and in order; one that is missing fell into a time in which the host agent was away, and never the last.
/// </summary>
internal static class EventOrder
{
    // The agent dates what it found after a gap by the container's own times or by its clock.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(90);

    // What happened just before the agent died may not have reached its disk.
    private static readonly TimeSpan BeforeDeath = TimeSpan.FromSeconds(3);

    private static readonly Dictionary<string, string> Types = new()
    {
        ["create"] = "container.created",
        ["start"] = "container.started",
        ["die"] = "container.died",
        ["oom"] = "container.oom",
        ["pause"] = "container.paused",
        ["unpause"] = "container.unpaused",
        ["destroy"] = "container.removed",
    };

    /// <summary>Everything that is wrong, a sentence each.</summary>
    public static IEnumerable<string> Check(RunLedger run) =>
        Compare(run).SelectMany(one => one.Wrong.Concat(one.NotYetTold).Concat(one.Lost));

    /// <summary>Containers whose last events are not told: wrong in the end, and a reason to wait before it.</summary>
    public static IEnumerable<string> NotYetTold(RunLedger run) => Compare(run).SelectMany(one => one.NotYetTold);

    private static IEnumerable<Comparison> Compare(RunLedger run)
    {
        var told = run.Events
            .Where(one => one.Type.StartsWith("container.", StringComparison.Ordinal))
            .ToLookup(one => one.Subject);
        var happened = run.Engine.Where(one => Types.ContainsKey(one.Action)).ToLookup(one => one.Container);
        return happened.Select(container => container.Key)
            .Union(told.Select(container => container.Key ?? ""))
            .Select(container => Compare(run, container, [.. happened[container]], [.. told[container]]));
    }

    private static Comparison Compare(
        RunLedger run, string container, List<EngineEvent> happened, List<EventDto> told)
    {
        var next = 0;
        var wrong = new List<string>();
        var missing = new List<EngineEvent>();
        foreach (var one in told)
        {
            var at = Nearest(one, happened, next);
            if (at < next)
            {
                wrong.Add(
                    $"{container}: {one.Type} of {Time(one.Time)} was told twice, out of order or never happened");
                continue;
            }

            missing.AddRange(happened[next..at]);
            next = at + 1;
        }

        // The first picture is the beginning, not news.
        var rest = happened[next..].Where(one => one.Time > run.Begun).ToList();
        return new Comparison(
            wrong,
            rest.Count == 0
                ? []
                : [$"{container}: its last events never came: {string.Join(", ", rest.Select(Named))}"],
            [
                .. missing.Where(one => !IsExcused(run, one))
                    .Select(lost => $"{container}: {Named(lost)} never came, and the host agent was there"),
            ]);
    }

    /// <summary>Which of those that happened was told: of several, the one nearest in time.</summary>
    private static int Nearest(EventDto told, List<EngineEvent> happened, int from) => Enumerable
        .Range(from, happened.Count - from)
        .Where(index => IsOf(told, happened[index]))
        .DefaultIfEmpty(-1)
        .MinBy(index => index < 0 ? TimeSpan.Zero : (told.Time - happened[index].Time).Duration());

    private static bool IsOf(EventDto told, EngineEvent happened) =>
        Types[happened.Action] == told.Type
        && told.Time > happened.Time - Early
        && told.Time < happened.Time + Late;

    private static bool IsExcused(RunLedger run, EngineEvent lost) =>
        lost.Time < run.Begun
        || run.AgentOutages.Any(
            outage => lost.Time > outage.From - BeforeDeath && (outage.Until is not { } until || lost.Time < until));

    private static string Named(EngineEvent one) => $"{one.Action} of {Time(one.Time)}";

    private static string Time(DateTimeOffset time) => time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>What was found of one container.</summary>
    private sealed record Comparison(
        IReadOnlyList<string> Wrong, IReadOnlyList<string> NotYetTold, IReadOnlyList<string> Lost);
}
