using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>The watch over a real engine of its own, which is hung, stopped and started.</summary>
public sealed class RealEngineWatchTests
{
    private static readonly EngineWatchOptions Quick = new()
    {
        PingInterval = TimeSpan.FromMilliseconds(200),
        FirstRetryDelay = TimeSpan.FromMilliseconds(50),
        MaxRetryDelay = TimeSpan.FromMilliseconds(300),
        Filters = DockerFilters.Where("type", "container"),
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Events_come_within_a_second_and_the_watch_outlives_a_hang_and_a_restart_of_the_daemon()
    {
        await using var engine = await DockerEngine.StartAsync();
        using var client = engine.Connect(new DockerClientOptions { PingTimeout = TimeSpan.FromSeconds(1) });
        await using var notices = client.Events.Watch(Quick).ReadAsync(Token).GetAsyncEnumerator(Token);
        await UntilAsync(notices, notice => notice is EngineNotice.StateChanged { State: EngineState.Up });
        await UntilAsync(notices, notice => notice is EngineNotice.Resync);

        var id = await engine.RunAsync("watched", labels: new Dictionary<string, string> { ["drover.app"] = "web" });
        var started = await EventAsync(notices, "start", id);
        Assert.InRange(DateTimeOffset.UtcNow - started.Time.ToDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal(
            ("watched", DockerEngine.Image, "web"), (started["name"], started["image"], started["drover.app"]));

        engine.PauseDaemon();
        await UntilAsync(notices, notice => notice is EngineNotice.StateChanged { State: EngineState.Hung });
        engine.ResumeDaemon();
        await UntilAsync(notices, notice => notice is EngineNotice.StateChanged { State: EngineState.Up });
        await client.Containers.KillAsync(id, signal: null, Token);
        Assert.Equal("137", (await EventAsync(notices, "die", id))["exitCode"]);

        await engine.StopDaemonAsync();
        await UntilAsync(notices, notice => notice is EngineNotice.StateChanged { State: EngineState.Down });
        await engine.StartDaemonAsync();
        await UntilAsync(notices, notice => notice is EngineNotice.StateChanged { State: EngineState.Up });
        await UntilAsync(notices, notice => notice is EngineNotice.Resync);

        // The same client goes on with the new daemon, by list and by event.
        Assert.Equal("exited", Assert.Single(await client.Containers.ListAsync(Token)).State);
        await client.Containers.StartAsync(id, Token);
        await EventAsync(notices, "start", id);
    }

    [Fact]
    public async Task Each_of_many_quick_events_comes_exactly_once_over_broken_watches()
    {
        await using var engine = await DockerEngine.StartAsync();
        var id = await engine.RunAsync("busy");
        var watch = engine.Client.Events.Watch(Quick with { ReplayWindow = TimeSpan.FromSeconds(30) });
        var seen = new List<EngineTimestamp>();
        for (var round = 0; round < 3; round++)
        {
            // Leaving breaks the connection; what happens meanwhile is given when the same watch is read again.
            await using var notices = watch.ReadAsync(Token).GetAsyncEnumerator(Token);
            if (round is 0)
            {
                await UntilAsync(notices, notice => notice is EngineNotice.Resync);
            }

            for (var i = 0; i < 5; i++)
            {
                await engine.Client.Containers.PauseAsync(id, Token);
                await engine.Client.Containers.UnpauseAsync(id, Token);
            }

            while (seen.Count < ((round + 1) * 10) + (round * 2))
            {
                Assert.True(await notices.MoveNextAsync());
                Assert.IsNotType<EngineNotice.Resync>(notices.Current);
                if (notices.Current is EngineNotice.Happened { Event: var happened })
                {
                    seen.Add(happened.Time);
                }
            }

            await notices.DisposeAsync();
            await engine.Client.Containers.PauseAsync(id, Token);
            await engine.Client.Containers.UnpauseAsync(id, Token);
        }

        Assert.Equal(seen.Distinct().Order(), seen);
    }

    [Fact]
    public async Task A_single_read_of_past_events_ends_where_it_is_told()
    {
        await using var engine = await DockerEngine.StartAsync();
        var begin = (await engine.Client.System.InfoAsync(Token)).SystemTime;
        var id = await engine.CreateAsync("past");
        var end = (await engine.Client.System.InfoAsync(Token)).SystemTime;

        var events = await engine.Client.Events
            .ReadAsync(DockerFilters.Where("container", id), begin, end, Token)
            .ToListAsync(Token);

        Assert.Equal(("create", id), (Assert.Single(events).Action, events[0].ActorId));
    }

    private static async Task UntilAsync(IAsyncEnumerator<EngineNotice> notices, Predicate<EngineNotice> wanted)
    {
        do
        {
            Assert.True(await notices.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(60), Token));
        }
        while (!wanted(notices.Current));
    }

    private static async Task<DockerEvent> EventAsync(IAsyncEnumerator<EngineNotice> notices, string action, string id)
    {
        await UntilAsync(notices, notice =>
            notice is EngineNotice.Happened { Event: var each } && each.Action == action && each.ActorId == id);
        return ((EngineNotice.Happened)notices.Current).Event;
    }
}
