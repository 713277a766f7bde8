using Drover.Gateway.Capacity;
using Drover.Gateway.Documents;

namespace Drover.Gateway.Tests.Capacity;

/// <summary>Who sleeps for whom.</summary>
public sealed class CapacityPlanTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly Occupant Newcomer = Asleep("newcomer");

    [Fact]
    public void Where_there_is_room_nobody_sleeps() =>
        Assert.Equal([], Evicted(new CapacityDocument(MaxReady: 2), Awake("web", 10)));

    [Fact]
    public void The_one_that_was_used_least_lately_goes_first() => Assert.Equal(
        ["old"], Evicted(new CapacityDocument(MaxReady: 3), Awake("new", 1), Awake("old", 100), Awake("mid", 10)));

    [Fact]
    public void Capacity_never_looks_at_one_with_open_work_or_a_connection() => Assert.Equal(
        ["new"],
        Evicted(new CapacityDocument(MaxReady: 2), Awake("new", 1), Awake("old", 100) with { Open = 1 }));

    [Fact]
    public void A_pinned_one_never_makes_room() => Assert.Equal(
        ["new"],
        Evicted(new CapacityDocument(MaxReady: 2), Awake("new", 1), Awake("old", 100) with { IsPinned = true }));

    [Fact]
    public void One_that_is_starting_never_makes_room()
    {
        var starting = Awake("starting", 100);
        starting = starting with { Footprint = starting.Footprint with { CanSleep = false } };

        Assert.IsType<CapacityPlan.Refuse>(
            CapacityPlan.For(new CapacityDocument(MaxReady: 1), Newcomer, [starting]));
    }

    [Fact]
    public void When_all_are_busy_there_is_no_room_and_nobody_sleeps_in_vain()
    {
        var plan = CapacityPlan.For(
            new CapacityDocument(MaxReady: 1),
            Newcomer,
            [Awake("busy", 100) with { Open = 1 }, Awake("idle", 100)]);

        Assert.Contains("max_ready", Assert.IsType<CapacityPlan.Refuse>(plan).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Memory_counts_frozen_ones_and_only_as_many_go_as_must() => Assert.Equal(
        ["frozen"],
        Evicted(
            new CapacityDocument(Memory: 1024 * Mebibyte),
            Dozing("frozen", 100),
            Awake("web", 50),
            Awake("db", 10)));

    [Fact]
    public void One_that_takes_more_than_the_whole_budget_is_refused_with_both_figures()
    {
        var plan = CapacityPlan.For(
            new CapacityDocument(Memory: 100 * Mebibyte), Newcomer with { Memory = 512 * Mebibyte }, []);

        var reason = Assert.IsType<CapacityPlan.Refuse>(plan).Reason;
        Assert.Contains("512 MiB", reason, StringComparison.Ordinal);
        Assert.Contains("100 MiB", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_frozen_one_does_not_count_towards_max_ready() =>
        Assert.Equal([], Evicted(new CapacityDocument(MaxReady: 1), Dozing("frozen", 100)));

    [Fact]
    public void Whoever_plans_for_whatever_is_awake_keeps_to_the_limits_and_to_who_may_sleep()
    {
        var chance = new Random(1);
        for (var round = 0; round < 5000; round++)
        {
            var limits = new CapacityDocument(
                chance.Next(2) == 0 ? null : chance.Next(1, 5),
                chance.Next(2) == 0 ? null : chance.Next(1, 2000) * Mebibyte);
            var others = Enumerable.Range(0, chance.Next(7)).Select(number => Any(chance, number)).ToList();
            var newcomer = Newcomer with { Memory = chance.Next(300) * Mebibyte };
            if (CapacityPlan.For(limits, newcomer, others) is not CapacityPlan.Admit admit)
            {
                continue;
            }

            var left = others.Where(other => !admit.Evicted.Contains(other.Name)).ToList();
            Assert.True(left.Count(other => other.Footprint.IsAwake) < (limits.MaxReady ?? int.MaxValue));
            Assert.True(
                left.Where(other => other.Footprint.HoldsMemory).Sum(other => other.Memory) + newcomer.Memory
                    <= (limits.Memory ?? long.MaxValue));
            Assert.All(
                others.Except(left),
                other => Assert.True(other is { IsPinned: false, Open: 0, Footprint.CanSleep: true }));
        }
    }

    private static IReadOnlyList<string> Evicted(CapacityDocument limits, params IReadOnlyList<Occupant> others) =>
        Assert.IsType<CapacityPlan.Admit>(CapacityPlan.For(limits, Newcomer, others)).Evicted;

    private static Occupant Any(Random chance, int number)
    {
        var occupant = chance.Next(3) switch
        {
            0 => Asleep($"a{number}"),
            1 => Dozing($"a{number}", chance.Next(100)),
            _ => Awake($"a{number}", chance.Next(100)),
        };
        return occupant with
        {
            Memory = chance.Next(3) == 0 ? 0 : chance.Next(1000) * Mebibyte,
            IsPinned = chance.Next(4) == 0,
            Open = chance.Next(3) == 0 ? 1 : 0,
        };
    }

    private static Occupant Awake(string name, double unused) => Asleep(name) with
    {
        Footprint = new AgentFootprint(IsAwake: true, HoldsMemory: true, CanSleep: true, null),
        Unused = TimeSpan.FromSeconds(unused),
    };

    private static Occupant Dozing(string name, double unused) => Asleep(name) with
    {
        Footprint = new AgentFootprint(IsAwake: false, HoldsMemory: true, CanSleep: true, null),
        Unused = TimeSpan.FromSeconds(unused),
    };

    private static Occupant Asleep(string name) =>
        new(name, default, 300 * Mebibyte, IsPinned: false, Open: 0, TimeSpan.Zero);
}
