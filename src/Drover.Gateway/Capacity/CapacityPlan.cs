using System.Globalization;
using Drover.Gateway.Documents;

namespace Drover.Gateway.Capacity;

/// <summary>
/// Decides who sleeps for whom, and changes nothing itself. Those that were used least lately go first, only as many
/// as must, and never one that is pinned or has open work.
/// </summary>
internal abstract record CapacityPlan
{
    private CapacityPlan()
    {
    }

    /// <summary>There is room once these sleep; empty: there is.</summary>
    internal sealed record Admit(IReadOnlyList<string> Evicted) : CapacityPlan;

    /// <summary>There is none, and none can be made.</summary>
    /// <param name="Reason">One sentence for people.</param>
    internal sealed record Refuse(string Reason) : CapacityPlan;

    /// <summary>Makes a plan for one that is about to wake.</summary>
    /// <param name="limits">How much may be awake at once.</param>
    /// <param name="newcomer">Who wants to wake.</param>
    /// <param name="others">All other agents on demand.</param>
    public static CapacityPlan For(CapacityDocument limits, Occupant newcomer, IReadOnlyList<Occupant> others)
    {
        if (limits.Memory < newcomer.Memory)
        {
            return new Refuse(
                $"it takes more memory ({Mebibytes(newcomer.Memory)}) than gateway.capacity.memory has "
                    + $"({Mebibytes(limits.Memory.Value)})");
        }

        var tooMany = others.Count(other => other.Footprint.IsAwake) + 1 - (limits.MaxReady ?? int.MaxValue);
        var tooMuch = limits.Memory is { } budget
            ? others.Where(other => other.Footprint.HoldsMemory).Sum(other => other.Memory) + newcomer.Memory - budget
            : 0;
        var evicted = new List<string>();
        foreach (var other in others
            .Where(other => other is { IsPinned: false, Open: 0, Footprint.CanSleep: true })
            .OrderByDescending(other => other.Unused))
        {
            var helps = (tooMany > 0 && other.Footprint.IsAwake)
                || (tooMuch > 0 && other is { Footprint.HoldsMemory: true, Memory: > 0 });
            if (helps)
            {
                tooMany -= other.Footprint.IsAwake ? 1 : 0;
                tooMuch -= other.Footprint.HoldsMemory ? other.Memory : 0;
                evicted.Add(other.Name);
            }
        }

        return tooMany > 0 ? new Refuse(TooMany(limits.MaxReady!.Value))
            : tooMuch > 0 ? new Refuse(TooMuch(limits.Memory!.Value))
            : new Admit(evicted);
    }

    private static string TooMany(int most) => string.Create(
        CultureInfo.InvariantCulture,
        $"{most} agents may be awake at once (gateway.capacity.max_ready), and those that are cannot sleep now");

    private static string TooMuch(long budget) =>
        $"the agents that are awake take the {Mebibytes(budget)} of gateway.capacity.memory, and cannot sleep now";

    private static string Mebibytes(long bytes) =>
        string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:0.#} MiB");
}
