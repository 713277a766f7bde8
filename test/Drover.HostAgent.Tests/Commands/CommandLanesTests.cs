using Drover.HostAgent.Commands;

namespace Drover.HostAgent.Tests.Commands;

public sealed class CommandLanesTests
{
    private readonly CommandLanes _lanes = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_most_urgent_goes_first_and_equals_in_the_order_in_which_they_came()
    {
        var order = new List<string>();
        var first = await _lanes.EnterActionAsync("web", "normal", Token);
        var waiting = new List<Task>();
        foreach (var (name, priority) in ((string, string)[])
            [("low", "low"), ("n1", "normal"), ("n2", "normal"), ("critical", "critical"), ("high", "high")])
        {
            waiting.Add(VisitAsync(name, _lanes.EnterActionAsync("web", priority, Token)));
        }

        first.Dispose();
        await Task.WhenAll(waiting);

        Assert.Equal(["critical", "high", "n1", "n2", "low"], order);

        async Task VisitAsync(string name, Task<IDisposable> entering)
        {
            using var lane = await entering;
            order.Add(name);
        }
    }

    [Fact]
    public async Task A_critical_look_goes_before_the_looks_that_wait()
    {
        var inside = new List<IDisposable>();
        for (var count = 0; count < 4; count++)
        {
            inside.Add(await _lanes.EnterQuickAsync("normal", Token));
        }

        var normal = _lanes.EnterQuickAsync("normal", Token);
        var critical = _lanes.EnterQuickAsync("critical", Token);
        inside[0].Dispose();

        await critical;
        Assert.False(normal.IsCompleted);
        inside[1].Dispose();
        await normal;
    }

    [Fact]
    public async Task A_queue_for_one_container_does_not_fill_the_lane()
    {
        await _lanes.EnterActionAsync("web", "normal", Token);
        for (var count = 0; count < 10; count++)
        {
            _ = _lanes.EnterActionAsync("web", "critical", Token);
        }

        await _lanes.EnterActionAsync("db", "low", Token);
        await _lanes.EnterQuickAsync("low", Token);
    }

    [Fact]
    public async Task One_that_gives_up_leaves_its_place_to_the_next()
    {
        var first = await _lanes.EnterActionAsync("web", "normal", Token);
        using var impatient = new CancellationTokenSource();
        var second = _lanes.EnterActionAsync("web", "high", impatient.Token);
        var third = _lanes.EnterActionAsync("web", "normal", Token);

        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        first.Dispose();

        await third;
    }
}
