using System.Globalization;
using Drover.Wire.Commands;

namespace Drover.Testing.Ledger;

/// <summary>
/// Holds what the server tells against what the harness knows by itself; every difference is a sentence, and none at
/// all is the promise: nothing lost, nothing twice, nothing out of order. Pure. What it proves of a run:
/// <list type="bullet">
/// <item>one host enrolled and the server has one, told as enrolled once, never as cloned, never falsely as offline;
/// </item>
/// <item>every order that was answered with 2xx is at the server once with a recorded outcome, and no other is;</item>
/// <item>each command's events are one queued, then leased as often as it was given out, then one end, its state;
/// </item>
/// <item>what was reported as restarted was restarted, and the engine restarted nothing more than was ordered; only a
/// command that says "interrupted" or "deadline_exceeded" may have happened or not;</item>
/// <item>the engine's events are told at most once and in order, those the host agent was there for all, and of each
/// container the last one always (<see cref="EventOrder"/>);</item>
/// <item>ids of events rise, and no bounded store says that it dropped something.</item>
/// </list>
/// </summary>
public static class LedgerChecker
{
    // Silence that makes a host offline at any heartbeat interval the harness uses.
    private static readonly TimeSpan OfflineAfter = TimeSpan.FromSeconds(60);

    /// <summary>What is wrong, a sentence each; empty when all is well.</summary>
    public static IReadOnlyList<string> Check(RunLedger run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return
        [
            .. run.Complaints,
            .. Hosts(run),
            .. Commands(run),
            .. CommandEvents(run),
            .. Restarts(run),
            .. Ids(run),
            .. EventOrder.Check(run),
        ];
    }

    /// <summary>What has happened and was not told yet, though nothing later can make up for it: while it shrinks, the
    /// run is not over.</summary>
    public static IReadOnlyList<string> NotYetTold(RunLedger run) => [.. EventOrder.NotYetTold(run)];

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

        if (run.Events.Any(one => one.Type == "host.offline") && !run.AgentOutages.Any(IsLong))
        {
            yield return "host.offline was told and the host agent was never away for so long";
        }
    }

    private static bool IsLong(Outage outage) => outage.Until is not { } until || until - outage.From >= OfflineAfter;

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
        CommandStates.Failed when MayHaveHappened(command) => null,
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
            var types = told[command.CommandId].Select(one => one.Type["command.".Length..]).ToList();
            var given = types.Count - 2;
            if (given < 0
                || !types.SequenceEqual(
                    [CommandStates.Queued, .. Enumerable.Repeat(CommandStates.Leased, given), command.Status]))
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
            var possible = reported + orders[app].Count(MayHaveHappened);
            var real = counted[app].Count();
            if (real < reported || real > possible)
            {
                yield return $"{app} was restarted {real} times; {reported} restarts were reported, "
                    + $"{possible - reported} cut short, {orders[app].Count()} ordered";
            }
        }
    }

    private static IEnumerable<string> Ids(RunLedger run) => run.Events
        .Select(one => long.Parse(one.Id, CultureInfo.InvariantCulture))
        .Pairwise()
        .Where(pair => pair.Next <= pair.Before)
        .Select(pair => $"event {pair.Next} comes behind event {pair.Before}");

    private static IEnumerable<(long Before, long Next)> Pairwise(this IEnumerable<long> ids)
    {
        var list = ids.ToList();
        return list.Zip(list.Skip(1));
    }

    private static bool MayHaveHappened(CommandDto command) =>
        command.Errors?.Any(
            error => error.Code is CommandErrors.Interrupted or CommandErrors.DeadlineExceeded) is true;

    private static string Named(AcceptedOrder order) => $"{order.CommandId} ({order.Type} {order.App})";
}
