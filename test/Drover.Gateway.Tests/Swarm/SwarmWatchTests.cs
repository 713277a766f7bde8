using Drover.Core.Agents;
using Drover.Gateway.Swarm;
using Drover.Runtime.Docker;
using Drover.Testing.Docker;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Gateway.Tests.Swarm;

/// <summary>The watch against an engine that does what a test says, and nothing else.</summary>
public sealed class SwarmWatchTests : IAsyncLifetime
{
    private readonly FakeClock _clock = new();
    private FakeDockerEngine _engine = null!;
    private DockerClient _docker = null!;
    private SwarmWatch _watch = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FakeSwarm Swarm => _engine.Swarm;

    public async ValueTask InitializeAsync()
    {
        _engine = await FakeDockerEngine.StartNewAsync();
        _docker = _engine.Connect();
        _watch = NewWatch(TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync();
        _docker.Dispose();
        await _engine.DisposeAsync();
    }

    [Fact]
    public async Task All_that_subscribed_have_heard_how_it_is_before_the_watch_says_that_it_knows()
    {
        var task = Swarm.AddTask(Swarm.AddService("scout", replicas: 1), "running");
        Swarm.StartContainer(task);
        Swarm.AddService("ranger");
        using var scout = new WatchedService(_watch, "scout");
        using var ranger = new WatchedService(_watch, "ranger");
        using var nobody = new WatchedService(_watch, "nobody");

        await _watch.Known.WaitAsync(Token);

        Assert.True(scout.Seen is [{ Replicas: 1, Serving.Id: var id }, ..] && id == task.Id);
        Assert.True(ranger.Seen is [{ ServiceId: not null, Replicas: 0, Tasks: [] }, ..]);
        Assert.True(nobody.Seen is [{ ServiceId: null }]);
        await Eventually.TrueAsync(() => Task.FromResult(_watch.IsReachable), "events are heard too", Token);
    }

    [Fact]
    public async Task A_service_is_known_by_its_exact_name_though_another_begins_with_it()
    {
        Swarm.AddService("scout-old", replicas: 3);
        using var scout = new WatchedService(_watch, "scout");
        await _watch.Known.WaitAsync(Token);
        Assert.All(scout.Seen, each => Assert.Null(each.ServiceId));

        Swarm.AddService("scout", replicas: 1);

        await scout.SeesAsync(each => each is { ServiceId: not null, Replicas: 1 }, "there");
        Assert.DoesNotContain(scout.Seen, each => each.Replicas == 3);
    }

    [Fact]
    public async Task A_start_of_a_container_is_seen_with_its_address_before_Swarm_says_running()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        var task = Swarm.AddTask(service, "starting");
        using var scout = new WatchedService(_watch, "scout");
        await _watch.Known.WaitAsync(Token);

        var container = Swarm.StartContainer(task);

        var seen = await scout.SeesAsync(each => each.Serving is not null, "serving");
        Assert.True(seen.Serving is { HasStarted: true, Phase: TaskPhase.Preparing, IsLocal: true });
        Assert.Equal((container.Id, Swarm.Bridge[container.Id]), (seen.Serving!.ContainerId, seen.Serving.Address));
    }

    [Fact]
    public async Task What_an_event_tells_of_is_asked_for_at_once_and_what_it_tells_itself_is_told_ahead()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        var task = Swarm.AddTask(service, "running");
        var container = Swarm.StartContainer(task);
        using var scout = new WatchedService(_watch, "scout");
        await scout.SeesAsync(each => each.Serving is not null, "serving");

        container.State = "paused";
        _engine.EmitEvent("pause", container);
        await scout.SeesAsync(each => each.Tasks is [{ IsPaused: true }], "paused");
        container.State = "running";
        _engine.EmitEvent("unpause", container);
        scout.Forget();
        await scout.SeesAsync(each => each.Tasks is [{ IsPaused: false }], "thawed");
        _engine.End(container, 137);
        await scout.SeesAsync(
            each => each is { Serving: null, Tasks: [{ Phase: TaskPhase.Failed, ExitCode: 137 }] }, "dead");
        Swarm.Change(service, """{"Name":"scout","Mode":{"Replicated":{"Replicas":5}}}""");
        await scout.SeesAsync(each => each.Replicas == 5, "five");
        Swarm.Remove(service);
        await scout.SeesAsync(each => each is { ServiceId: null, Tasks: [] }, "gone");
        Assert.False(scout.WasCalledTwiceAtOnce);
    }

    [Fact]
    public async Task The_last_failure_stays_beside_the_task_that_takes_its_place()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        var older = Swarm.AddTask(service, "failed");
        older.Desired = "shutdown";
        var failed = Swarm.AddTask(service, "rejected");
        (failed.Desired, failed.Error) = ("shutdown", "No such image: scout:2");
        var next = Swarm.AddTask(service, "preparing");
        var ended = Swarm.AddTask(service, "shutdown");
        ended.Desired = "shutdown";
        using var scout = new WatchedService(_watch, "scout");

        await _watch.Known.WaitAsync(Token);

        Assert.Equal([next.Id, failed.Id], scout.Seen[0].Tasks.Select(task => task.Id));
        Assert.Equal("No such image: scout:2", scout.Seen[0].Tasks[1].Error);
    }

    [Fact]
    public async Task While_nothing_happens_nothing_is_asked_but_everything_once_in_thirty_seconds()
    {
        await using var watch = NewWatch(_clock);
        Swarm.AddService("scout");
        using var scout = new WatchedService(watch, "scout");
        await watch.Known.WaitAsync(Token);
        await Eventually.TrueAsync(
            () => Task.FromResult(_engine.EventListeners == 1), "a follower of the events", Token);
        await SettleAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        await SettleAsync();
        var before = Asked();

        _clock.Advance(TimeSpan.FromSeconds(5));
        await SettleAsync();
        Assert.Equal(before, Asked());

        Swarm.Services.Single().Spec = """{"Name":"scout","Mode":{"Replicated":{"Replicas":2}}}""";
        _clock.Advance(LookRunner.ResyncPeriod);
        await scout.SeesAsync(each => each.Replicas == 2, "what no event told");
        Assert.Equal(before.Services + 1, Asked().Services);
        Assert.Equal(before.Tasks + 1, Asked().Tasks);
    }

    [Fact]
    public async Task Tasks_that_no_event_tells_of_are_asked_for_every_few_milliseconds_while_somebody_waits()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        Swarm.AddService("ranger");
        using var scout = new WatchedService(_watch, "scout");
        await _watch.Known.WaitAsync(Token);
        var far = Swarm.AddTask(service, "pending", node: "");

        using (_watch.Hurry("scout"))
        {
            await scout.SeesAsync(each => each.Tasks is [{ Phase: TaskPhase.Pending }], "pending");
            (far.Node, far.State) = ("elsewhere", "running");
            await scout.SeesAsync(each => each.Tasks is [{ Phase: TaskPhase.Running, IsLocal: false }], "running");
        }

        await SettleAsync();
        var after = Asked();
        await SettleAsync();
        Assert.Equal(after, Asked());
    }

    [Fact]
    public async Task A_haste_that_is_over_twice_ends_nobody_elses()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        using var scout = new WatchedService(_watch, "scout");
        await _watch.Known.WaitAsync(Token);
        var first = _watch.Hurry("scout");
        using var second = _watch.Hurry("scout");

        first.Dispose();
        first.Dispose();
        Swarm.AddTask(service, "preparing");

        await scout.SeesAsync(each => each.Tasks is [{ Phase: TaskPhase.Preparing }], "preparing");
    }

    [Fact]
    public async Task After_a_restart_of_the_engine_what_was_missed_is_known()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        var task = Swarm.AddTask(service, "running");
        var container = Swarm.StartContainer(task);
        using var scout = new WatchedService(_watch, "scout");
        await scout.SeesAsync(each => each.Serving is not null, "serving");

        await _engine.StopAsync();
        await Eventually.TrueAsync(() => Task.FromResult(!_watch.IsReachable), "out of reach", Token);
        container.State = "exited";
        (task.State, task.Desired, task.Error) = ("failed", "shutdown", "task: non-zero exit (255)");
        var next = Swarm.AddTask(service, "running");
        await _engine.StartAsync();

        await scout.SeesAsync(
            each => each.Tasks is [{ Phase: TaskPhase.Running } first, ..] && first.Id == next.Id, "the next");
        await Eventually.TrueAsync(() => Task.FromResult(_watch.IsReachable), "in reach", Token);
    }

    [Fact]
    public async Task A_container_whose_end_nobody_told_is_found_gone()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        var container = Swarm.StartContainer(Swarm.AddTask(service, "running"));
        using var scout = new WatchedService(_watch, "scout");
        await scout.SeesAsync(each => each.Serving is not null, "serving");

        container.State = "exited";
        _engine.BecomeAnotherEngine("FAKE:0002");

        await scout.SeesAsync(each => each is { Serving: null, Replicas: 1 }, "dead");
    }

    [Fact]
    public async Task A_gateway_that_starts_before_its_engine_knows_nothing_rather_than_that_there_is_nothing()
    {
        Swarm.AddService("scout", replicas: 1);
        await _engine.StopAsync();
        using var scout = new WatchedService(_watch, "scout");
        await SettleAsync();
        Assert.Empty(scout.Seen);
        Assert.False(_watch.IsReachable);
        Assert.False(_watch.Known.IsCompleted);

        await _engine.StartAsync();

        await _watch.Known.WaitAsync(Token);
        Assert.All(scout.Seen, each => Assert.NotNull(each.ServiceId));
    }

    [Fact]
    public async Task A_manager_without_a_leader_is_out_of_reach_and_what_was_known_stays()
    {
        Swarm.AddService("scout", replicas: 1);
        using var scout = new WatchedService(_watch, "scout");
        await _watch.Known.WaitAsync(Token);
        var refusal = """{"message":"rpc error: code = Unknown desc = The swarm does not have a leader."}"""u8
            .ToArray();

        _engine.Answer("/services", refusal, 500);
        Swarm.AddService("ranger");
        using var ranger = new WatchedService(_watch, "ranger");
        await Eventually.TrueAsync(() => Task.FromResult(!_watch.IsReachable), "out of reach", Token);
        Assert.All(scout.Seen, each => Assert.NotNull(each.ServiceId));
        Assert.Empty(ranger.Seen);

        _engine.Answer("/services", body: null);
        await ranger.SeesAsync(each => each.ServiceId is not null, "there");
        Assert.True(_watch.IsReachable);
    }

    [Fact]
    public async Task Who_subscribes_later_hears_at_once_and_who_left_hears_nothing_more()
    {
        var service = Swarm.AddService("scout", replicas: 1);
        using var first = new WatchedService(_watch, "scout");
        await _watch.Known.WaitAsync(Token);
        using var second = new WatchedService(_watch, "scout");
        await second.SeesAsync(each => each.Replicas == 1, "there");

        first.Dispose();
        var heard = first.Seen.Count;
        Swarm.Change(service, """{"Name":"scout","Mode":{"Replicated":{"Replicas":2}}}""");

        await second.SeesAsync(each => each.Replicas == 2, "two");
        Assert.Equal(heard, first.Seen.Count);
    }

    [Fact]
    public async Task A_hurry_of_one_who_outlives_the_watch_is_no_failure()
    {
        Swarm.AddService("scout");
        using var scout = new WatchedService(_watch, "scout");
        await _watch.Known.WaitAsync(Token);
        using var before = _watch.Hurry("scout");

        await _watch.DisposeAsync();

        using var after = _watch.Hurry("scout");
        Assert.Throws<ObjectDisposedException>(() => _watch.Subscribe("ranger", _ => { }));
    }

    [Fact]
    public async Task One_observers_fault_leaves_the_others_seeing()
    {
        Swarm.AddService("scout", replicas: 1);
        using var faulty = _watch.Subscribe("scout", _ => throw new InvalidOperationException("a bug"));
        using var scout = new WatchedService(_watch, "scout");

        await scout.SeesAsync(each => each.Replicas == 1, "there");
    }

    private SwarmWatch NewWatch(TimeProvider time) =>
        new(_docker, network: null, ownContainer: null, time, NullLogger<SwarmWatch>.Instance);

    private (int Services, int Tasks) Asked() =>
        (_engine.Requests.Count(each => each is "GET /services"), _engine.Requests.Count(each => each is "GET /tasks"));

    /// <summary>Until nothing more is asked of the engine for a while.</summary>
    private async Task SettleAsync()
    {
        var quiet = TimeSpan.FromMilliseconds(150);
        for (var before = -1; before != _engine.Requests.Count;)
        {
            before = _engine.Requests.Count;
            await Task.Delay(quiet, TimeProvider.System, Token);
        }
    }
}
