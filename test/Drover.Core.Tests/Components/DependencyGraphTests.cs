using Drover.Core.Components;
using FsCheck;
using FsCheck.Fluent;

namespace Drover.Core.Tests.Components;

public sealed class DependencyGraphTests
{
    [Fact]
    public void What_is_needed_starts_first_and_stops_last_else_the_order_of_the_file_holds()
    {
        var graph = Graph(("worker", ["api", "db"]), ("web", []), ("api", ["db"]), ("db", []));

        Assert.Null(graph.Cycle);
        Assert.Equal(["db", "api", "worker", "web"], graph.StartOrder);
        Assert.Equal(["web", "worker", "api", "db"], graph.StopOrder);
        Assert.Equal(["db", "api"], graph.AllNeedsOf("worker"));
        Assert.Equal(["api", "worker"], graph.AllDependentsOf("db"));
        Assert.Empty(graph.AllDependentsOf("web"));
    }

    [Fact]
    public void A_cycle_is_told_by_its_path_and_without_what_only_leads_to_it()
    {
        var graph = Graph(("web", ["api"]), ("api", ["db"]), ("db", ["cache"]), ("cache", ["api"]));

        Assert.Equal(["api", "db", "cache", "api"], graph.Cycle);
        Assert.Throws<InvalidOperationException>(() => graph.StartOrder);
    }

    [Fact]
    public void A_component_that_needs_itself_is_a_cycle() =>
        Assert.Equal(["api", "api"], Graph(("api", ["api"])).Cycle);

    [Fact]
    public void Names_that_nobody_declared_are_left_out() =>
        Assert.Equal(["api"], Graph(("api", ["dbb"])).StartOrder);

    [Fact]
    public void A_chain_of_a_hundred_thousand_is_no_danger_to_the_stack()
    {
        const int Length = 100_000;
        var graph = Graph([.. Enumerable.Range(0, Length).Select(n => ($"c{n}", new[] { $"c{n + 1}" }))]);

        Assert.Equal($"c{Length - 1}", graph.StartOrder[0]);
        Assert.Equal("c0", graph.StartOrder[^1]);
    }

    [Fact]
    public void Every_graph_has_an_order_in_which_needs_come_first_or_a_cycle_whose_every_step_is_written() =>
        Prop.ForAll(Gen.Choose(0, 63).ArrayOf(6).ToArbitrary(), masks =>
        {
            var needs = masks.Select((mask, n) => ($"c{n}", Bits(mask).Select(bit => $"c{bit}").ToArray())).ToArray();
            var graph = Graph(needs);
            if (graph.Cycle is { } cycle)
            {
                return cycle.Count >= 2 && cycle[0] == cycle[^1]
                    && cycle.SkipLast(1).Distinct().Count() == cycle.Count - 1
                    && cycle.Zip(cycle.Skip(1)).All(step => graph.NeedsOf(step.First).Contains(step.Second));
            }

            var order = graph.StartOrder.ToList();
            return order.Count == needs.Length
                && needs.All(one => one.Item2.All(need => order.IndexOf(need) < order.IndexOf(one.Item1)))
                && order.SequenceEqual(graph.StopOrder.Reverse());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    private static IEnumerable<int> Bits(int mask) => Enumerable.Range(0, 6).Where(bit => (mask >> bit & 1) == 1);

    private static DependencyGraph Graph(params (string Name, string[] Needs)[] components) =>
        new(components.Select(one => (one.Name, (IEnumerable<string>)one.Needs)));
}
