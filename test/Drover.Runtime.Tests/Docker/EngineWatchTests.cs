using System.Threading.Channels;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Docker;

/// <summary>The watch over an engine, on bad days that a fake can bring about at will.</summary>
public sealed class EngineWatchTests
{
    private static readonly EngineWatchOptions Quick = new()
    {
        PingInterval = TimeSpan.FromMilliseconds(50),
        FirstRetryDelay = TimeSpan.FromMilliseconds(20),
        MaxRetryDelay = TimeSpan.FromMilliseconds(100),
        ReplayWindow = TimeSpan.FromSeconds(5),
    };

    private static readonly DockerClientOptions Impatient = new() { PingTimeout = TimeSpan.FromMilliseconds(300) };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_begins_with_up_and_resync_and_then_gives_typed_events()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        await using var watch = new Watched(engine);
        await watch.UpAsync();
        var web = engine.AddContainer("web");
        engine.EmitEvent("health_status: unhealthy", web, new Dictionary<string, string> { ["note"] = "x" });

        var created = await watch.EventAsync();
        Assert.Equal(("container", "create", null, web.Id, "web"),
            (created.Type, created.Action, created.Detail, created.ActorId, created["name"]));
        var sick = await watch.EventAsync();
        Assert.Equal(("health_status", "unhealthy", "x"), (sick.Action, sick.Detail, sick["note"]));
        Assert.True(sick.Time > created.Time);
    }

    [Fact]
    public async Task A_broken_connection_loses_and_repeats_no_event_and_needs_no_resync()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        var web = engine.AddContainer("web");
        await using var watch = new Watched(engine);
        await watch.UpAsync();
        // Three events of one nanosecond: the engine gives all of them again, the watch only what is new.
        var moment = new EngineTimestamp(1_700_000_100, 7);
        engine.EmitEvent("kill", web, at: moment);
        engine.EmitEvent("die", web, at: moment);
        Assert.Equal("kill", (await watch.EventAsync()).Action);
        Assert.Equal("die", (await watch.EventAsync()).Action);

        engine.BreakConnections();
        engine.EmitEvent("stop", web, at: moment);
        engine.EmitEvent("start", web, at: moment with { Nanos = 8 });

        Assert.Equal("stop", (await watch.EventAsync()).Action);
        Assert.Equal("start", (await watch.EventAsync()).Action);
    }

    [Fact]
    public async Task A_restarted_engine_forgets_its_events_and_the_watch_says_resync_before_the_next_one()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        var web = engine.AddContainer("web");
        await using var watch = new Watched(engine);
        await watch.UpAsync();
        engine.EmitEvent("start", web);
        Assert.Equal("start", (await watch.EventAsync()).Action);

        await engine.StopAsync();
        Assert.Equal(EngineState.Down, (await watch.StateAsync()).State);
        await engine.StartAsync();
        Assert.Equal(EngineState.Up, (await watch.StateAsync()).State);
        engine.EmitEvent("die", web);

        Assert.IsType<EngineNotice.Resync>(await watch.NextAsync());
        Assert.Equal("die", (await watch.EventAsync()).Action);
    }

    [Fact]
    public async Task More_events_than_the_engine_remembers_during_a_break_lead_to_a_resync()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        var web = engine.AddContainer("web");
        await using var watch = new Watched(engine);
        await watch.UpAsync();
        engine.EmitEvent("start", web);
        await watch.EventAsync();

        engine.Hang();
        engine.BreakConnections();
        for (var i = 0; i < 300; i++)
        {
            engine.EmitEvent("exec_start: true", web);
        }

        engine.Resume();

        await watch.UntilAsync(notice => notice is EngineNotice.Resync);
    }

    [Fact]
    public async Task A_hung_engine_is_hung_and_not_down_and_no_event_is_lost_when_it_goes_on()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        var web = engine.AddContainer("web");
        await using var watch = new Watched(engine);
        await watch.UpAsync();
        engine.EmitEvent("start", web);
        await watch.EventAsync();

        engine.Hang();
        var hung = await watch.StateAsync();
        Assert.Equal(EngineState.Hung, hung.State);
        Assert.Equal(EngineState.Hung, watch.State);
        Assert.Contains(engine.Address, hung.Reason, StringComparison.Ordinal);
        engine.Resume();
        engine.EmitEvent("die", web);

        // The old connection may give the event before the pings notice; either way it comes exactly once.
        var notices = new List<EngineNotice> { await watch.NextAsync(), await watch.NextAsync() };
        Assert.Contains(notices, notice => notice is EngineNotice.StateChanged { State: EngineState.Up });
        Assert.Contains(notices, notice => notice is EngineNotice.Happened { Event.Action: "die" });
        engine.EmitEvent("destroy", web);
        Assert.Equal("destroy", (await watch.EventAsync()).Action);
    }

    [Fact]
    public async Task An_absent_engine_is_down_with_a_sentence_and_is_found_when_it_comes()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        await engine.StopAsync();
        await using var watch = new Watched(engine);

        var down = await watch.StateAsync();
        Assert.Equal(EngineState.Down, down.State);
        Assert.Contains("there is no such socket", down.Reason, StringComparison.Ordinal);

        await engine.StartAsync();
        await watch.UpAsync();
    }

    [Fact]
    public async Task Another_engine_at_the_same_address_leads_to_a_resync_and_its_older_clock_hides_nothing()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        var web = engine.AddContainer("web");
        await using var watch = new Watched(engine);
        await watch.UpAsync();
        engine.EmitEvent("start", web, at: new EngineTimestamp(1_800_000_000, 0));
        await watch.EventAsync();

        engine.BecomeAnotherEngine("FAKE:0002");

        await watch.UntilAsync(
            notice => notice is EngineNotice.Resync { Reason: "another engine answers at this address" });
        engine.EmitEvent("die", web);
        Assert.Equal("die", (await watch.EventAsync()).Action);
    }

    [Fact]
    public async Task Garbage_instead_of_events_is_down_and_never_ends_the_watch()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        engine.Answer("/events", "<html>not an engine</html>\n"u8.ToArray());
        await using var watch = new Watched(engine);
        await watch.UntilAsync(notice => notice is EngineNotice.StateChanged { State: EngineState.Down });

        engine.Answer("/events", null);

        await watch.UntilAsync(notice => notice is EngineNotice.StateChanged { State: EngineState.Up });
    }

    [Fact]
    public async Task A_watch_that_is_read_again_never_loses_what_was_left_unread()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        var web = engine.AddContainer("web");
        using var client = engine.Connect(Impatient);
        var watch = client.Events.Watch(Quick);
        await using (var first = watch.ReadAsync(Token).GetAsyncEnumerator(Token))
        {
            Assert.True(await first.MoveNextAsync());
            Assert.True(await first.MoveNextAsync());
            engine.EmitEvent("start", web);
            Assert.True(await first.MoveNextAsync());
            engine.EmitEvent("die", web);
            engine.EmitEvent("stop", web);
            Assert.True(await first.MoveNextAsync());
            // "stop" may be waiting unread or still be on its way: lost it must not be, one way or the other.
        }

        await using var again = watch.ReadAsync(Token).GetAsyncEnumerator(Token);
        Assert.True(await again.MoveNextAsync());
        Assert.True(again.Current is EngineNotice.Resync or EngineNotice.Happened { Event.Action: "stop" });
    }

    [Fact]
    public async Task Leaving_closes_the_connection()
    {
        await using var engine = await FakeDockerEngine.StartNewAsync();
        await using (var watch = new Watched(engine))
        {
            await watch.UpAsync();
            Assert.Equal(1, engine.EventListeners);
        }

        await Eventually.TrueAsync(() => Task.FromResult(engine.EventListeners is 0), "the watch is gone", Token);
    }

    /// <summary>A watch that is being read, notice by notice.</summary>
    private sealed class Watched : IAsyncDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
        private readonly Channel<EngineNotice> _notices = Channel.CreateUnbounded<EngineNotice>();
        private readonly CancellationTokenSource _leaving = CancellationTokenSource.CreateLinkedTokenSource(Token);
        private readonly DockerClient _client;
        private readonly EngineWatch _watch;
        private readonly Task _reading;

        public Watched(FakeDockerEngine engine)
        {
            _client = engine.Connect(Impatient);
            _watch = _client.Events.Watch(Quick);
            _reading = ReadAsync();
        }

        public EngineState State => _watch.State;

        public async Task<EngineNotice> NextAsync() =>
            await _notices.Reader.ReadAsync(Token).AsTask().WaitAsync(Patience, Token);

        public async Task<DockerEvent> EventAsync() => Assert.IsType<EngineNotice.Happened>(await NextAsync()).Event;

        public async Task<EngineNotice.StateChanged> StateAsync() =>
            Assert.IsType<EngineNotice.StateChanged>(await NextAsync());

        public async Task UpAsync()
        {
            Assert.Equal(EngineState.Up, (await StateAsync()).State);
            Assert.IsType<EngineNotice.Resync>(await NextAsync());
        }

        public async Task UntilAsync(Predicate<EngineNotice> wanted)
        {
            while (!wanted(await NextAsync()))
            {
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _leaving.CancelAsync();
            await _reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _client.Dispose();
            _leaving.Dispose();
        }

        private async Task ReadAsync()
        {
            await foreach (var notice in _watch.ReadAsync(_leaving.Token))
            {
                _notices.Writer.TryWrite(notice);
            }
        }
    }
}
