using Drover.Testing.Agents;
using Drover.Testing.Time;
using Drover.Wire;
using Drover.Wire.Agents;

namespace Drover.HostAgent.Tests.Heartbeats;

public sealed class HeartbeatTests : IAsyncLifetime
{
    private AgentBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await AgentBench.SetUpAsync();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    private int Ooms() => _bench.Server.Events.Count(one => one.Type == "container.oom");

    private static bool SleepsFor(FakeClock clock, TimeSpan pause)
    {
        if (clock.HasTimerDueIn(pause))
        {
            return true;
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        return false;
    }

    private IEnumerable<HeartbeatRequest> Beats => _bench.Server.Heartbeats.Select(entry => entry.Beat);

    [Fact]
    public async Task Heartbeats_come_as_often_as_the_server_asks_numbered_without_repeats()
    {
        _bench.Server.NextIn = 1;
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Heartbeats.Count >= 3, "three heartbeats");

        var beats = Beats.ToList();
        Assert.Single(beats.Select(beat => beat.Run).Distinct());
        Assert.Equal(beats.Count, beats.Select(beat => beat.Seq).Distinct().Count());
        Assert.Equal(beats.Select(beat => beat.Seq).Order(), beats.Select(beat => beat.Seq));
        Assert.All(beats, beat => Assert.Equal(DockerStates.Up, beat.Docker));
    }

    [Fact]
    public async Task Heartbeats_come_every_30_seconds_when_the_server_does_not_say_how_often()
    {
        var clock = new FakeClock();
        _bench.Server.ClockOffset = clock.GetUtcNow() - TimeProvider.System.GetUtcNow();
        _bench.Server.NextIn = 0;
        await _bench.StartAsync(_bench.Options() with { ReconcileInterval = TimeSpan.FromMinutes(10) }, clock);

        // News of the engine may bring one early heartbeat; the one that tells of it is the last before the pause.
        await AgentBench.UntilAsync(
            () => Beats.LastOrDefault()?.Docker is DockerStates.Up && SleepsFor(clock, TimeSpan.FromSeconds(30)),
            "a pause of 30 s");
        var before = _bench.Server.Heartbeats.Count;
        clock.Advance(TimeSpan.FromSeconds(30));
        await AgentBench.UntilAsync(() => _bench.Server.Heartbeats.Count == before + 1, "the next heartbeat");
    }

    [Fact]
    public async Task A_clock_that_jumps_back_and_forth_is_mended_by_a_re_sign_each_time_and_no_number_goes_back()
    {
        var clock = new JumpingClock();
        var web = _bench.Engine.AddContainer("web");
        _bench.Server.NextIn = 1;
        var agent = await _bench.StartAsync(time: clock);
        await AgentBench.UntilAsync(
            () => _bench.Engine.EventListeners > 0 && _bench.Server.Find("web") is not null, "the agent at work");

        double[] days = [3, -400, 0, -0.1];
        for (var jump = 0; jump < days.Length; jump++)
        {
            clock.Set(TimeSpan.FromDays(days[jump]));
            var beats = _bench.Server.Heartbeats.Count;
            _bench.Engine.EmitEvent("oom", web);
            await AgentBench.UntilAsync(() => _bench.Server.Heartbeats.Count >= beats + 2, "heartbeats after the jump");
            await AgentBench.UntilAsync(() => Ooms() == jump + 1, "the event after the jump");
        }

        // Each loop may learn of a jump by itself; none is told twice.
        var resigned = _bench.Server.SignedRequests.Count(request => request.Path == Routes.Heartbeat)
            - _bench.Server.Heartbeats.Count;
        Assert.InRange(resigned, 0, days.Length);
        Assert.Single(Beats.Select(beat => beat.Run).Distinct());
        Assert.Equal(Beats.Select(beat => beat.Seq).Order(), Beats.Select(beat => beat.Seq));

        // The clock is behind: what the next run says is still newer.
        await _bench.KillAsync(agent);
        var last = Beats.Max(beat => beat.Run);
        await _bench.StartAsync(_bench.Options() with { EnrollToken = null }, clock);
        await AgentBench.UntilAsync(() => Beats.Any(beat => beat.Run > last), "a heartbeat of the next run");
        await AgentBench.UntilAsync(() => _bench.Engine.EventListeners > 0, "the next run at work");
        _bench.Engine.EmitEvent("oom", web);
        await AgentBench.UntilAsync(() => Ooms() == days.Length + 1, "an event of the next run");
        Assert.Empty(_bench.Server.Forgeries);
    }

    [Fact]
    public async Task A_heartbeat_has_at_most_200_bytes_when_nothing_changed()
    {
        _bench.Server.NextIn = 1;
        _bench.Engine.AddContainers(3);
        await _bench.StartAsync();
        await AgentBench.UntilAsync(
            () => Beats.Any(beat => beat.Inv is not null), "a heartbeat with the inventory's hash");
        Assert.All(_bench.Server.Heartbeats, entry => Assert.InRange(entry.Bytes, 1, 200));
    }

    [Fact]
    public async Task Every_request_is_signed_with_a_request_id_of_its_own_wait_report_and_app_status_too()
    {
        _bench.Server.NextIn = 1;
        await _bench.StartAsync();
        await AgentBench.UntilAsync(
            () => _bench.Engine.EventListeners > 0 && !_bench.Server.Inventories.IsEmpty, "the first inventory");
        _bench.Engine.AddContainer("web");
        await AgentBench.UntilAsync(() => _bench.Server.Find("web") is not null, "the container at the server");
        _bench.Order("cmd_1", "restart", "web");
        string[] expected =
        [
            Routes.Heartbeat, Routes.Inventory, Routes.AgentEvents, Routes.CommandReport, Routes.AppStatus,
            Routes.CommandWait.Replace("{hash}", "", StringComparison.Ordinal),
        ];
        foreach (var path in expected)
        {
            await AgentBench.UntilAsync(
                () => _bench.Server.SignedRequests.Any(
                    request => request.Path.StartsWith(path, StringComparison.Ordinal)),
                path);
        }

        Assert.Empty(_bench.Server.Forgeries);
        var ids = _bench.Server.SignedRequests.Select(request => request.RequestId).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id => Assert.True(Guid.TryParse(id, out _)));
    }

    [Fact]
    public async Task Stopping_says_goodbye_and_ends_every_loop()
    {
        var agent = await _bench.StartAsync();
        await AgentBench.UntilAsync(() => !_bench.Server.Heartbeats.IsEmpty, "a heartbeat");
        await agent.StopAsync(TestContext.Current.CancellationToken);

        Assert.True(agent.Completion.IsCompletedSuccessfully);
        Assert.True(Beats.Last().Goodbye);
        Assert.All(Beats.SkipLast(1), beat => Assert.Null(beat.Goodbye));
    }

    [Fact]
    public async Task Stopping_while_the_server_is_away_still_ends()
    {
        var agent = await _bench.StartAsync();
        await _bench.Server.GoAwayAsync();
        await agent.StopAsync(TestContext.Current.CancellationToken);
        Assert.True(agent.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task A_wrong_clock_is_mended_by_one_re_sign_and_remembered()
    {
        _bench.Server.NextIn = 1;
        _bench.Server.ClockOffset = TimeSpan.FromHours(-5);
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Heartbeats.Count >= 3, "heartbeats in spite of the clock");

        var heartbeats = _bench.Server.SignedRequests.Count(request => request.Path == Routes.Heartbeat);
        Assert.InRange(heartbeats - _bench.Server.Heartbeats.Count, 0, 1);
    }

    [Fact]
    public async Task An_agent_that_is_refused_keeps_asking_and_works_again_when_it_is_trusted_again()
    {
        _bench.Server.RefuseWith = 401;
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Engine.Requests.Count > 0, "the agent at work");
        _bench.Server.RefuseWith = null;
        await AgentBench.UntilAsync(() => !_bench.Server.Heartbeats.IsEmpty, "a heartbeat after the refusals");
    }

    [Fact]
    public async Task A_hung_engine_and_a_huge_host_never_starve_the_heartbeat()
    {
        _bench.Server.NextIn = 1;
        _bench.Engine.AddContainers(60);
        _bench.Engine.Hang();
        await _bench.StartAsync();
        await AgentBench.UntilAsync(() => _bench.Server.Heartbeats.Count >= 3, "heartbeats while the engine hangs");
    }
}
