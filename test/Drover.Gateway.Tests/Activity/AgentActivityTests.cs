using Drover.Gateway.Activity;
using Drover.Testing.Time;

namespace Drover.Gateway.Tests.Activity;

/// <summary>What an agent is used for, and the fence before it sleeps.</summary>
public sealed class AgentActivityTests
{
    [Fact]
    public void Open_work_is_counted_by_kind_until_it_ends()
    {
        var activity = new AgentActivity(TimeProvider.System);

        Assert.True(activity.TryBegin(WorkKind.Http));
        Assert.True(activity.TryBegin(WorkKind.WebSocket));
        activity.Change(WorkKind.Http, WorkKind.Events);

        Assert.Equal(2, activity.Open);
        Assert.Equal(
            (0, 1, 1),
            (activity.OpenOf(WorkKind.Http), activity.OpenOf(WorkKind.Events), activity.OpenOf(WorkKind.WebSocket)));

        activity.End(WorkKind.Events);
        activity.End(WorkKind.WebSocket);
        Assert.Equal((0, 0), (activity.Open, activity.OpenOf(WorkKind.WebSocket)));
    }

    [Fact]
    public void The_end_of_a_long_download_is_activity_and_not_only_its_beginning()
    {
        var clock = new FakeClock();
        var activity = new AgentActivity(clock);
        activity.TryBegin(WorkKind.Http);
        clock.Advance(TimeSpan.FromHours(1));

        activity.End(WorkKind.Http);

        Assert.Equal(TimeSpan.Zero, activity.SinceLast);
        clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Equal(TimeSpan.FromMinutes(3), activity.SinceLast);
    }

    [Fact]
    public async Task A_fence_lets_open_work_end_and_no_more_begin()
    {
        var activity = new AgentActivity(TimeProvider.System);
        activity.TryBegin(WorkKind.Http);

        var drained = activity.RaiseFenceAsync();
        Assert.False(activity.TryBegin(WorkKind.Http));
        Assert.False(drained.IsCompleted);
        Assert.Equal(1, activity.Open);

        activity.End(WorkKind.Http);
        await drained;

        activity.LiftFence();
        Assert.True(activity.TryBegin(WorkKind.Http));
        Assert.False(activity.RaiseFenceAsync().IsCompleted);
    }

    [Fact]
    public async Task Nothing_begins_behind_a_fence_that_said_it_is_drained()
    {
        for (var round = 0; round < 500; round++)
        {
            var activity = new AgentActivity(TimeProvider.System);
            var begun = 0;
            var workers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
            {
                while (activity.TryBegin(WorkKind.Http))
                {
                    Interlocked.Increment(ref begun);
                    activity.End(WorkKind.Http);
                }
            })).ToArray();

            await activity.RaiseFenceAsync();
            Assert.Equal(0, activity.OpenOf(WorkKind.Http));
            var atDrain = Volatile.Read(ref begun);
            await Task.WhenAll(workers);
            Assert.Equal(atDrain, begun);
            Assert.Equal(0, activity.Open);
        }
    }
}
