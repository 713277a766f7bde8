using Drover.Wire.Commands;

namespace Drover.Faults.Record;

/// <summary>
/// Holds what the server tells against what the harness knows by itself. Pure; every difference is a sentence, and
/// none at all is the promise: nothing lost, nothing twice, nothing out of order.
/// </summary>
internal static class LedgerChecker
{
    public static IReadOnlyList<string> Check(RunLedger run) =>
    [
        .. run.Complaints,
        .. Hosts(run),
        .. Commands(run),
        .. CommandEvents(run),
        .. Restarts(run),
        .. EventOrder.Check(run),
    ];

    private static IEnumerable<string> Hosts(RunLedger run)
    {
        if (run.Hosts.Count != 1)
        {
            yield return $"one host enrolled and the server has {run.Hosts.Count}";
        }

        var enrolled = run.Events.Count(one => one.Type == "host.enrolled");
        if (enrolled != 1)
        {
            yield return $"one host enrolled and there are {enrolled} host.enrolled";
        }

        foreach (var odd in run.Events.Where(one => one.Type is "host.cloned" or "alert.loss"))
        {
            yield return $"{odd.Type} was told: {odd.Data}";
        }
    }

    private static IEnumerable<string> Commands(RunLedger run)
    {
        var stored = run.Commands.ToLookup(command => command.CommandId);
        foreach (var order in run.Accepted)
        {
            if (stored[order.CommandId].SingleOrDefault() is not { } command)
            {
                yield return $"{Named(order)} was accepted and the server does not have it once";
            }
            else if (Standing(command) is { } wrong)
            {
                yield return $"{Named(order)} {wrong}";
            }
        }

        var accepted = run.Accepted.Select(order => order.CommandId).ToHashSet();
        foreach (var stray in run.Commands.Where(command => !accepted.Contains(command.CommandId)))
        {
            yield return $"{stray.CommandId} ({stray.Type}) is at the server and nobody was told that it was accepted";
        }
    }

    private static string? Standing(CommandDto command) => command.Status switch
    {
        CommandStates.Completed => command.Result is null ? "completed without a result" : null,
        CommandStates.Failed when command.Errors is not { Count: > 0 } => "failed without an error",
        CommandStates.Failed when IsInterrupted(command) => null,
        CommandStates.Failed => $"failed with {command.Errors[0].Code}: {command.Error}",
        _ => $"ended as {command.Status} without an outcome",
    };

    private static IEnumerable<string> CommandEvents(RunLedger run)
    {
        var told = run.Events
            .Where(one => one.Type.StartsWith("command.", StringComparison.Ordinal))
            .ToLookup(one => one.Data?.GetProperty("command_id").GetString());
        foreach (var command in run.Commands)
        {
            var types = told[command.CommandId].Select(one => one.Type).ToList();
            if (types.Count(type => type == "command.queued") != 1
                || types.Count(type => type == $"command.{command.Status}") != 1
                || types.Except(["command.queued", "command.leased", $"command.{command.Status}"]).Any())
            {
                yield return $"{command.CommandId} is {command.Status} and its events are {string.Join(", ", types)}";
            }
        }
    }

    /// <summary>A restart that was reported happened, and nothing was restarted that was not ordered.</summary>
    private static IEnumerable<string> Restarts(RunLedger run)
    {
        var orders = run.Commands
            .Where(command => command.Type == CommandTypes.Restart)
            .ToLookup(command => command.AppCode);
        var counted = run.Engine.Where(one => one.Action == "restart").ToLookup(one => one.Container);
        foreach (var app in orders.Select(group => group.Key!).Union(counted.Select(group => group.Key)))
        {
            var reported = orders[app].Count(command => command.Status == CommandStates.Completed);
            var possible = reported + orders[app].Count(IsInterrupted);
            var real = counted[app].Count();
            if (real < reported || real > possible)
            {
                yield return $"{app} was restarted {real} times; {reported} restarts were reported, "
                    + $"{possible - reported} interrupted, {orders[app].Count()} ordered";
            }
        }
    }

    private static bool IsInterrupted(CommandDto command) =>
        command.Errors?.Any(error => error.Code == CommandErrors.Interrupted) is true;

    private static string Named(AcceptedOrder order) => $"{order.CommandId} ({order.Type} {order.App})";
}
