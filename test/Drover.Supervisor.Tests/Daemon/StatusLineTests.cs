using Drover.Core.Components;
using Drover.Core.Health;
using Drover.Supervisor.Components;
using Drover.Supervisor.Daemon;

namespace Drover.Supervisor.Tests.Daemon;

public sealed class StatusLineTests
{
    [Fact]
    public void Without_components_it_says_so() => Assert.Equal("no components", StatusLine.Of([]));

    [Fact]
    public void One_that_runs_needs_no_name() =>
        Assert.Equal("1 component: 1 running", StatusLine.Of([In("web", ComponentState.Running)]));

    [Fact]
    public void What_wants_to_be_looked_at_has_names_and_not_too_many() => Assert.Equal(
        "9 components: 1 running, 1 completed, 1 stopped, 1 waiting (late), 1 in backoff (worker), "
            + "4 failed (a, b, c, ...)",
        StatusLine.Of(
        [
            In("a", ComponentState.Failed), In("b", ComponentState.Failed), In("c", ComponentState.Failed),
            In("d", ComponentState.Failed), In("web", ComponentState.Running), In("worker", ComponentState.Backoff),
            In("idle", ComponentState.Stopped), In("setup", ComponentState.Stopped, new EndCause.Exit(0)),
            In("late", ComponentState.Stopped) with { AwaitsStart = true },
        ]));

    [Fact]
    public void Every_state_is_told() => Assert.All(
        Enum.GetValues<ComponentState>(),
        state => Assert.StartsWith("1 component: 1 ", StatusLine.Of([In("web", state)]), StringComparison.Ordinal));

    private static ComponentView In(string name, ComponentState state, EndCause? cause = null) => new()
    {
        Component = new Component(
            new ComponentId(name),
            new ComponentSpec(),
            ComponentRuntime.Initial with { State = state, LastCause = cause }),
        Health = HealthState.Initial,
    };
}
