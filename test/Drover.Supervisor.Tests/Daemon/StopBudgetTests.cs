using Drover.Core.Components;
using Drover.Supervisor.Daemon;
using Drover.Supervisor.Documents;

namespace Drover.Supervisor.Tests.Daemon;

public sealed class StopBudgetTests
{
    [Fact]
    public void Nothing_takes_no_time() => Assert.Equal(TimeSpan.Zero, Of());

    [Fact]
    public void Side_by_side_the_longest_counts_and_one_after_another_the_sum()
    {
        Assert.Equal(Seconds(40) + StopBudget.Proof, Of(With("a", 3), With("b", 40)));
        Assert.Equal(
            Seconds(3 + 40 + 5) + (StopBudget.Proof * 3),
            Of(With("db", 5), With("api", 40, "db"), With("web", 3, "api", "db"), With("other", 20, "db")));
    }

    private static TimeSpan Of(params PlayedComponent[] components) =>
        StopBudget.Of(new SupervisorDocument([.. components.Select(one => one.ToDocument("/"))]));

    private static PlayedComponent With(string name, double grace, params string[] needs) => new(name, "")
    {
        GraceSeconds = grace,
        DependsOn = needs.ToDictionary(one => one, _ => DependencyCondition.Started),
    };

    private static TimeSpan Seconds(double count) => TimeSpan.FromSeconds(count);
}
