using System.Text;
using Drover.Testing.Agents;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Tests.Inventory;

public sealed class InventoryTests : IAsyncLifetime
{
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await AgentBench.SetUpAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task The_first_inventory_is_full_and_carries_the_facts_and_policy_of_the_host()
    {
        _bench.Engine.AddContainer("web", container => container.Labels["drover.app"] = "shop");
        await _bench.StartAsync(_bench.Options() with { Policy = new HostPolicy { MonitorOnly = true } });
        await AgentBench.UntilAsync(() => _bench.Server.Find("web") is not null, "the container at the server");

        var first = _bench.Server.Inventories.First();
        Assert.True(first.Full);
        await AgentBench.UntilAsync(
            () => _bench.Server.Inventories.Any(one => one.Host is not null), "the facts of the host");
        var facts = _bench.Server.Inventories.First(one => one.Host is not null).Host!;
        Assert.Equal(("1.2.3", "127.0.0.1", true), (facts.AgentVersion, facts.IpAddress, facts.Policy!.MonitorOnly));
        Assert.Equal("shop", _bench.Server.Find("web")!.Labels["drover.app"]);
    }

    [Fact]
    public async Task A_container_that_appears_changes_and_goes_is_sent_as_three_changes_within_a_second_each()
    {
        await StartAndSettleAsync();
        var db = _bench.Engine.AddContainer("db");
        await AgentBench.UntilAsync(() => _bench.Server.Find("db") is not null, "the new container");
        db.State = "exited";
        db.ExitCode = 3;
        _bench.Engine.EmitEvent("die", db);
        await AgentBench.UntilAsync(() => _bench.Server.Find("db") is { State: "exited", ExitCode: 3 }, "the exit");
        _bench.Engine.RemoveContainer(db);
        await AgentBench.UntilAsync(() => _bench.Server.Find("db") is null, "the removal");

        var changes = _bench.Server.Inventories.Skip(1).Where(one => one.Upsert.Count + one.Remove.Count > 0).ToList();
        Assert.All(changes, change => Assert.False(change.Full));
        Assert.Equal(3, changes.Count);
        Assert.All(changes, change => Assert.InRange(change.Upsert.Count + change.Remove.Count, 1, 1));
        Assert.Equal(
            _bench.Server.Inventories.Select(one => one.Seq).Order(), _bench.Server.Inventories.Select(one => one.Seq));
    }

    [Fact]
    public async Task A_full_reconcile_finds_what_no_event_told()
    {
        Assert.Equal(TimeSpan.FromSeconds(30), _bench.Options().ReconcileInterval);
        _bench.Engine.AddContainers(2);
        await StartAndSettleAsync(_bench.Options() with { ReconcileInterval = TimeSpan.FromSeconds(5) });
        var before = _bench.Server.Inventories.Count;

        // An engine drops the events of a slow listener without a word.
        _bench.Engine.AddContainers(1, "silent");
        _bench.Engine.Containers.First(container => container.Name == "web-0").State = "exited";
        await AgentBench.UntilAsync(
            () => _bench.Server.Find("silent-0") is not null && _bench.Server.Find("web-0") is { State: "exited" },
            "what no event told");

        var changes = _bench.Server.Inventories.Skip(before).ToList();
        Assert.All(changes, change => Assert.False(change.Full));
        Assert.Equal(2, changes.Sum(change => change.Upsert.Count));
    }

    [Fact]
    public async Task What_an_action_changed_is_at_the_server_before_its_report()
    {
        _bench.Engine.AddContainer("web");
        await StartAndSettleAsync();
        var seen = new System.Collections.Concurrent.ConcurrentQueue<string?>();
        _bench.Server.Reported = _ => seen.Enqueue(_bench.Server.Find("web")?.State);
        for (var count = 0; count < 6; count++)
        {
            _bench.Order($"cmd_{count}", count % 2 == 0 ? "stop" : "start", "web");
            await AgentBench.UntilAsync(() => seen.Count == count + 1, "a report");
        }

        Assert.Equal(["exited", "running", "exited", "running", "exited", "running"], seen);
    }

    [Fact]
    public async Task A_storm_of_events_of_one_restart_is_one_change()
    {
        var web = _bench.Engine.AddContainer("web");
        await StartAndSettleAsync();
        var before = _bench.Server.Inventories.Count;
        web.RestartCount = 7;
        foreach (var action in (string[])["kill", "kill", "die", "stop", "start", "restart"])
        {
            _bench.Engine.EmitEvent(action, web);
        }

        await AgentBench.UntilAsync(() => _bench.Server.Find("web")?.RestartCount == 7, "the restart");
        Assert.Equal(before + 1, _bench.Server.Inventories.Count);
    }

    [Fact]
    public async Task Defect_9_one_container_that_vanished_between_list_and_inspect_does_not_spoil_the_sync()
    {
        _bench.Engine.AddContainers(5);
        var ghost = _bench.Engine.AddContainer("ghost");
        _bench.Engine.VanishAfterList(ghost);
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Containers.Count == 5, "the five others");
        Assert.Null(_bench.Server.Find("ghost"));
    }

    [Fact]
    public async Task A_container_whose_details_the_engine_cannot_give_is_still_listed()
    {
        var broken = _bench.Engine.AddContainer("broken");
        _bench.Engine.Answer(
            $"/containers/{broken.Id}/json", Encoding.UTF8.GetBytes("""{"message":"layer is damaged"}"""), 500);
        await _bench.StartAsync();
        await AgentBench.UntilAsync(
            () => _bench.Server.Find("broken") is { RestartCount: null }, "the container without its details");
    }

    [Fact]
    public async Task An_engine_that_cannot_list_is_not_asked_in_a_hot_loop()
    {
        var web = _bench.Engine.AddContainer("web");
        _bench.Engine.Answer("/containers/json", Encoding.UTF8.GetBytes("""{"message":"the disk is gone"}"""), 500);
        await _bench.StartAsync();
        int Lists() => _bench.Engine.Requests.Count(one => one.Contains("/containers/json", StringComparison.Ordinal));
        await AgentBench.UntilAsync(() => Lists() >= 2, "a second try");
        var clock = TimeProvider.System.GetTimestamp();
        await AgentBench.UntilAsync(() => Lists() >= 3, "a third try");

        // About 2 s lie between the second and the third; a loop that runs hot takes a quarter of a second.
        Assert.True(TimeProvider.System.GetElapsedTime(clock) > TimeSpan.FromSeconds(1));
        _bench.Engine.Answer("/containers/json", null);
        _bench.Engine.EmitEvent("start", web);
        await AgentBench.UntilAsync(() => _bench.Server.Find("web") is not null, "the container after all");
    }

    [Fact]
    public async Task Defect_1_the_restart_count_is_read_from_where_the_engine_has_it()
    {
        _bench.Engine.AddContainer("web", container => container.RestartCount = 4);
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Find("web")?.RestartCount == 4, "the restart count");
    }

    [Fact]
    public async Task Defect_6_the_stats_api_is_never_called_and_unchanged_containers_are_not_inspected_again()
    {
        _bench.Engine.AddContainers(20);
        await StartAndSettleAsync();
        var web = _bench.Engine.AddContainer("one-more");
        await AgentBench.UntilAsync(() => _bench.Server.Find("one-more") is not null, "one more container");

        Assert.DoesNotContain(_bench.Engine.Requests, request => request.Contains("stats", StringComparison.Ordinal));
        var inspects = _bench.Engine.Requests.Count(request => request.Contains("/json", StringComparison.Ordinal)
            && !request.Contains("/containers/json", StringComparison.Ordinal));
        Assert.InRange(inspects, 21, 45);
        Assert.Contains(_bench.Engine.Requests, request => request.Contains(web.Id, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_that_forgot_asks_for_everything_and_gets_it()
    {
        _bench.Server.NextIn = 1;
        _bench.Engine.AddContainers(3);
        await StartAndSettleAsync();
        _bench.Server.ForgetContainers();
        await AgentBench.UntilAsync(() => _bench.Server.Containers.Count == 3, "the whole inventory again");
        Assert.True(_bench.Server.Inventories.Last().Full);
    }

    [Fact]
    public async Task A_lost_inventory_answer_ends_in_agreement()
    {
        await StartAndSettleAsync();
        _bench.Server.LoseAnswer(Routes.Inventory);
        _bench.Engine.AddContainer("web");
        await AgentBench.UntilAsync(() => _bench.Server.Find("web") is not null, "the container");
        _bench.Engine.AddContainer("db");
        await AgentBench.UntilAsync(
            () => _bench.Server.Find("db") is not null && _bench.Server.Find("web") is not null, "both containers");
    }

    [Fact]
    public async Task While_the_server_is_away_changes_become_one_difference_not_a_queue()
    {
        await StartAndSettleAsync();
        var before = _bench.Server.Inventories.Count;
        await _bench.Server.GoAwayAsync();
        for (var i = 0; i < 10; i++)
        {
            var passing = _bench.Engine.AddContainer($"passing-{i}");
            _bench.Engine.AddContainer($"stays-{i}");
            _bench.Engine.RemoveContainer(passing);
        }

        await AgentBench.UntilAsync(
            () => _bench.Engine.Requests.Count(
                one => one.Contains("containers/json", StringComparison.Ordinal)) > 1, "a look at the engine");
        await _bench.Server.ComeBackAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Containers.Count == 10, "the ten that stayed");
        Assert.InRange(_bench.Server.Inventories.Count - before, 1, 3);
    }

    [Fact]
    public async Task A_rejected_inventory_is_not_sent_in_a_hot_loop()
    {
        _bench.Engine.AddContainers(2);
        _bench.Server.AnswerOnce(Routes.Inventory, 413);
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Containers.Count == 2, "the inventory after the refusal");
        Assert.InRange(_bench.Server.Inventories.Count, 1, 3);
    }

    [Fact]
    public async Task One_host_with_1000_containers_is_synced_whole()
    {
        _bench.Engine.AddContainers(1000);
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Containers.Count == 1000, "a thousand containers");
        Assert.Single(_bench.Server.Inventories, one => one.Full && one.Upsert.Count == 1000);
        Assert.NotEmpty(_bench.Server.Heartbeats);
    }

    [Fact]
    public async Task A_docker_engine_that_stops_is_told_as_down_and_everything_recovers_by_itself()
    {
        _bench.Engine.AddContainers(2);
        await StartAndSettleAsync();
        await _bench.Engine.StopAsync();
        await AgentBench.UntilAsync(() => LastDocker == DockerStates.Down, "docker down");
        Assert.Equal(2, _bench.Server.Containers.Count);

        await _bench.Engine.StartAsync();
        await AgentBench.UntilAsync(() => LastDocker == DockerStates.Up, "docker up");
        _bench.Engine.AddContainer("after");
        await AgentBench.UntilAsync(() => _bench.Server.Containers.Count == 3, "a container of the engine's new life");
    }

    [Fact]
    public async Task An_absent_docker_engine_is_told_as_down_and_the_agent_lives_and_finds_it_when_it_comes()
    {
        await _bench.Engine.StopAsync();
        var agent = await _bench.StartAsync();
        await AgentBench.UntilAsync(() => LastDocker == DockerStates.Down, "docker down");
        Assert.False(agent.Completion.IsCompleted);

        await _bench.Engine.StartAsync();
        _bench.Engine.AddContainer("web");
        await AgentBench.UntilAsync(() => LastDocker == DockerStates.Up
            && _bench.Server.Find("web") is not null, "docker up and its container");
    }

    [Fact]
    public async Task A_hung_docker_engine_is_told_as_hung_and_recovers_by_itself()
    {
        await StartAndSettleAsync();
        _bench.Engine.Hang();
        await AgentBench.UntilAsync(() => LastDocker == DockerStates.Hung, "docker hung");
        _bench.Engine.Resume();
        await AgentBench.UntilAsync(() => LastDocker == DockerStates.Up, "docker up");
    }

    private string? LastDocker => _bench.Server.Heartbeats.LastOrDefault().Beat?.Docker;

    private async Task StartAndSettleAsync(HostAgentOptions? options = null)
    {
        await _bench.StartAsync(options);
        await AgentBench.UntilAsync(
            () => _bench.Server.Inventories.Any(one => one.Full) && _bench.Server.Inventories.Any(
                one => one.Host is not null)
                && _bench.Server.Containers.Count == _bench.Engine.Containers.Count && _bench.Engine.EventListeners > 0,
            "the first inventory");
    }
}
