using Drover.Core.Trust;
using Drover.HostAgent.Events;
using Drover.HostAgent.Inventory;
using Drover.HostAgent.Transport;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Journal;
using Drover.Testing.Agents;
using Drover.Testing.Docker;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.HostAgent.Tests.Events;

/// <summary>The recorder on a disk that refuses: the spool's directory is away, so no file can be made in it.</summary>
public sealed class EventRecorderTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _data = new();
    private readonly FakeClock _clock = new();
    private readonly CancellationTokenSource _stop = new();
    private ServerClient _server = null!;
    private Spool _spool = null!;
    private EventForwarder _forwarder = null!;
    private EventRecorder _recorder = null!;
    private Task _running = Task.CompletedTask;

    public ValueTask InitializeAsync()
    {
        var address = new Uri("http://127.0.0.1:1");
        _server = new ServerClient(
            new AgentIdentity(address, "host", "hash", AgentKey.Create()), ServerConnection.Create(address, null),
            new ServerClock(_clock), _clock);
        _spool = Spool.Open(_data.File("events"), new SpoolOptions(1 << 20));
        _forwarder = new EventForwarder(7, _spool, _server, _clock, new Random(1), NullLogger<EventForwarder>.Instance);
        _recorder = new EventRecorder(
            7, LedgerFile.Open(_data.File("ledger")), _spool, _forwarder, _clock, NullLogger<EventRecorder>.Instance);
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _recorder.Dispose();
        _forwarder.Dispose();
        _spool.Dispose();
        _server.Dispose();
        _stop.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task Events_that_a_full_disk_refused_are_counted_and_told_before_the_next_one()
    {
        await RefuseAsync("die", "start", "die");
        RepairDisk();

        await _recorder.TellAsync(Event("start"), Token);

        await UntilSpooledAsync("alert.loss 3", "container.started");
    }

    [Fact]
    public async Task A_loss_is_told_once_the_disk_takes_writes_again_although_nothing_else_happens()
    {
        await RefuseAsync("die", "start");
        _clock.Advance(TimeSpan.FromSeconds(10));
        await _clock.WaitForTimersAsync(1, Token);
        Assert.Empty(Spooled());
        RepairDisk();

        _clock.Advance(TimeSpan.FromSeconds(10));

        await UntilSpooledAsync("alert.loss 2");
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Events while nothing can be written; returns when the recorder has given up on each.</summary>
    private async Task RefuseAsync(params string[] actions)
    {
        await _recorder.CloseGapAsync(new InventoryPicture([]), Token);
        Directory.Move(_data.File("events"), _data.File("away"));
        foreach (var action in actions)
        {
            await _recorder.TellAsync(Event(action), Token);
        }

        _running = _recorder.RunAsync(_stop.Token);
        await _clock.WaitForTimersAsync(1, Token);
    }

    private void RepairDisk() => Directory.Move(_data.File("away"), _data.File("events"));

    private Task UntilSpooledAsync(params string[] expected) => Eventually.TrueAsync(
        () => Task.FromResult(Spooled().SequenceEqual(expected)), string.Join(", ", expected), Token);

    private List<string> Spooled() =>
    [
        .. _spool.Peek(100, 1 << 20).Entries
            .Select(entry => System.Text.Json.JsonSerializer.Deserialize(
                entry.Payload.Span, AgentFilesJson.Default.SpooledEvent)!.Event)
            .Select(one => one.Type == "alert.loss"
                ? $"{one.Type} {one.Data!.Value.GetProperty("dropped").GetInt64()}"
                : one.Type),
    ];

    private static DockerEvent Event(string action) => new(
        "container", action, null, "id-web", new Dictionary<string, string> { ["name"] = "web", ["image"] = "img" },
        new EngineTimestamp(20, 0));
}
