using Drover.Runtime.Docker;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Wire;

namespace Drover.HostAgent.Tests.Events;

public sealed class EventForwardingTests : IAsyncLifetime
{
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await AgentBench.SetUpAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Events_reach_the_server_with_the_engines_time_in_under_a_second()
    {
        var web = _bench.Engine.AddContainer("web", RunningForLong);
        await StartAndSettleAsync();
        var began = TimeProvider.System.GetTimestamp();
        var at = _bench.Engine.EmitEvent("die", web, new Dictionary<string, string> { ["exitCode"] = "137" });
        await AgentBench.UntilAsync(() => !_bench.Server.Events.IsEmpty, "the event");

        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(("container.died", at), (_bench.Server.Events.Single().Type, _bench.Server.Events.Single().Time));
    }

    [Fact]
    public async Task A_server_away_for_long_gets_every_event_in_order_and_once()
    {
        var web = _bench.Engine.AddContainer("web", RunningForLong);
        await StartAndSettleAsync();
        await _bench.Server.GoAwayAsync();
        for (var i = 0; i < 300; i++)
        {
            _bench.Engine.EmitEvent("die", web, new Dictionary<string, string> { ["exitCode"] = $"{i}" });
            _bench.Engine.EmitEvent("start", web);
        }

        _bench.Server.LoseAnswer(Routes.AgentEvents);
        await _bench.Server.ComeBackAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Events.Count >= 600, "all events");

        var codes = _bench.Server.Events.Where(one => one.Type == "container.died").Select(
            one => one.Data!.Value.GetProperty("exit_code").GetInt32());
        Assert.Equal(Enumerable.Range(0, 300), codes);
        Assert.Equal(600, _bench.Server.Events.Count);
    }

    [Fact]
    public async Task Events_kept_on_disk_go_out_after_the_agent_was_killed_and_before_newer_ones()
    {
        var web = _bench.Engine.AddContainer("web", RunningForLong);
        var first = await StartAndSettleAsync();
        await _bench.Server.GoAwayAsync();
        _bench.Engine.EmitEvent("pause", web);
        await AgentBench.UntilAsync(() => SpoolBytes() > 0, "the event on disk");
        await _bench.KillAsync(first);
        await _bench.Server.ComeBackAsync();

        await _bench.StartAsync(_bench.Options() with { EnrollToken = null });
        await AgentBench.UntilAsync(
            () => _bench.Server.Events.Any(one => one.Type == "container.paused"), "the kept event");
        Assert.Equal("container.paused", _bench.Server.Events.First().Type);
    }

    [Fact]
    public async Task What_happened_while_the_agent_was_down_is_told_at_its_next_start_once()
    {
        var web = _bench.Engine.AddContainer("web", RunningForLong);
        var first = await StartAndSettleAsync();
        await _bench.KillAsync(first);
        web.State = "exited";
        web.ExitCode = 3;
        web.FinishedAt = new EngineTimestamp(1_800_000_000, 0);

        var second = await StartAndSettleAsync();
        await AgentBench.UntilAsync(() => !_bench.Server.Events.IsEmpty, "the difference");
        Assert.Equal(
            ("container.died", DateTimeOffset.FromUnixTimeSeconds(1_800_000_000)),
            (_bench.Server.Events.Single().Type, _bench.Server.Events.Single().Time));

        await _bench.KillAsync(second);
        await StartAndSettleAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Find("web") is not null, "the third start at work");
        Assert.Single(_bench.Server.Events);
    }

    [Fact]
    public async Task A_spool_that_was_full_is_told_as_an_alert_with_the_number_lost()
    {
        var web = _bench.Engine.AddContainer("web", RunningForLong);
        await StartAndSettleAsync(64 << 10);
        await _bench.Server.GoAwayAsync();
        const int Pairs = 400;
        for (var i = 0; i < Pairs; i++)
        {
            _bench.Engine.EmitEvent("pause", web);
            _bench.Engine.EmitEvent("unpause", web);
        }

        _bench.Engine.EmitEvent("oom", web);
        await AgentBench.UntilAsync(
            () => SpoolText().Contains("container.oom", StringComparison.Ordinal), "the last event on disk");
        await _bench.Server.ComeBackAsync();
        await AgentBench.UntilAsync(
            () => _bench.Server.Events.Any(one => one.Type == "container.oom"), "the last event");

        Assert.True(Lost() > 0);
        Assert.Equal((2 * Pairs) + 1, Delivered() + Lost());
        Assert.Equal("alert.loss", _bench.Server.Events.First().Type);
    }

    [Fact]
    public async Task One_event_that_the_server_rejects_does_not_stop_the_others()
    {
        var web = _bench.Engine.AddContainer("web", RunningForLong);
        await StartAndSettleAsync();
        _bench.Server.AnswerOnce(Routes.AgentEvents, 400);
        _bench.Engine.EmitEvent("oom", web);
        _bench.Engine.EmitEvent("pause", web);
        await AgentBench.UntilAsync(
            () => _bench.Server.Events.Any(one => one.Type == "container.paused"), "the second event");
    }

    [Fact]
    public async Task A_restarted_engine_is_asked_what_was_missed()
    {
        var web = _bench.Engine.AddContainer("web", RunningForLong);
        await StartAndSettleAsync();
        await _bench.Engine.StopAsync();
        web.State = "exited";
        web.ExitCode = 137;
        web.FinishedAt = new EngineTimestamp(1_800_000_000, 0);
        await _bench.Engine.StartAsync();
        await AgentBench.UntilAsync(
            () => _bench.Server.Events.Any(one => one.Type == "container.died"), "the death that no event told");
    }

    private static void RunningForLong(FakeContainer container) =>
        container.StartedAt = new EngineTimestamp(1_600_000_000, 0);

    private long Lost() =>
        _bench.Server.Events.Where(one => one.Type == "alert.loss").Sum(
            one => one.Data!.Value.GetProperty("dropped").GetInt64());

    private int Delivered() => _bench.Server.Events.Count(one => one.Type != "alert.loss");

    private long SpoolBytes() => Segments().Sum(path => new FileInfo(path).Length);

    private string SpoolText()
    {
        var text = "";
        foreach (var path in Segments())
        {
            try
            {
                using var stream = new FileStream(
                    path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using var reader = new StreamReader(stream);
                text += reader.ReadToEnd();
            }
            catch (FileNotFoundException)
            {
                // Dropped while this test looked: that is what it is about.
            }
        }

        return text;
    }

    private string[] Segments() => Directory.GetFiles(_bench.Data.File("agent/events"), "*.seg");

    private async Task<HostAgentRole> StartAndSettleAsync(long? spoolBytes = null)
    {
        var before = _bench.Server.Inventories.Count;
        var agent = await _bench.StartAsync(_bench.Options() with { EventSpoolBytes = spoolBytes ?? 16 << 20 });
        await AgentBench.UntilAsync(
            () => _bench.Server.Inventories.Count > before && _bench.Engine.EventListeners > 0 && _bench.Server.Find(
                "web") is not null, "the agent at work");
        await Eventually.TrueAsync(
            () => Task.FromResult(new FileInfo(_bench.Data.File("agent/ledger")).Length > 0), "the ledger on disk",
            TestContext.Current.CancellationToken);
        return agent;
    }
}
