using System.Globalization;
using Drover.Wire.People;

namespace Drover.Faults.Record;

/// <summary>
/// Compares the container events the server has with what the engine says, container by container: each at most once
/// and in order; one that is missing fell into a time in which the host agent was away, and never the last.
/// </summary>
internal static class EventOrder
{
    // The agent dates what it found after a gap by the container's own times or by its clock.
    private static readonly TimeSpan Early = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(90);

    // What happened just before the agent died may not have reached it; what happens while it starts neither.
    private static readonly TimeSpan BeforeDeath = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan WhileStarting = TimeSpan.FromSeconds(10);

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

    public static IEnumerable<string> Check(RunLedger run)
    {
        var told = run.Events
            .Where(one => one.Type.StartsWith("container.", StringComparison.Ordinal))
            .ToLookup(one => one.Subject);
        var firstTold = run.Hosts.Count == 0 ? DateTimeOffset.MinValue : run.Hosts[0].EnrolledAt;
        return run.Engine
            .Where(one => Types.ContainsKey(one.Action))
            .GroupBy(one => one.Container)
            .SelectMany(container => Compare(run, firstTold, container.Key, [.. container], [.. told[container.Key]]));
    }

    private static IEnumerable<string> Compare(
        RunLedger run, DateTimeOffset enrolledAt, string container, List<EngineEvent> happened, List<EventDto> told)
    {
        var next = 0;
        var missing = new List<EngineEvent>();
        foreach (var one in told)
        {
            var at = Nearest(one, happened, next);
            if (at < next)
            {
                yield return
                    $"{container}: {one.Type} of {Time(one.Time)} was told twice, out of order or never happened";
                continue;
            }

            missing.AddRange(happened[next..at]);
            next = at + 1;
        }

        // The first picture is the beginning, not news.
        var rest = happened[next..].Where(one => one.Time > enrolledAt + WhileStarting).ToList();
        if (rest.Count > 0)
        {
            yield return $"{container}: its last events never came: {string.Join(", ", rest.Select(Named))}";
        }

        foreach (var lost in missing.Where(one => !IsExcused(run, enrolledAt, one)))
        {
            yield return $"{container}: {Named(lost)} never came, and the host agent was there";
        }
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

    private static bool IsExcused(RunLedger run, DateTimeOffset enrolledAt, EngineEvent lost) =>
        lost.Time < enrolledAt + WhileStarting
        || run.AgentOutages.Any(
            outage => lost.Time > outage.From - BeforeDeath
                && lost.Time < (outage.Until ?? outage.From) + WhileStarting);

    private static string Named(EngineEvent one) => $"{one.Action} of {Time(one.Time)}";

    private static string Time(DateTimeOffset time) => time.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);
}
