using System.Collections.Immutable;
using System.Text.Json;
using Drover.HostAgent.Events;
using Drover.HostAgent.Inventory;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Events;
using Drover.Runtime.Journal;
using Drover.Runtime.Uplink;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Drover.Wire.Agents;
using Drover.Wire.Inventory;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.HostAgent.Tests.Events;

/// <summary>Spool and ledger as a cut between their two writes leaves them.</summary>
public sealed class EventRecorderTests : IDisposable
{
    // A prime, so that the cuts fall on every kind of byte of a record.
    private const int CutStep = 13;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_before_the_ledger_knew_the_next_run_does_not_tell_the_spooled_event_again()
    {
        await RunAsync(recorder => CloseGap(recorder, Running(10)));
        var before = File.ReadAllBytes(_directory.File("ledger"));
        await RunAsync(recorder =>
        {
            recorder.Tell(Event("die", 20));
            recorder.Tell(Event("start", 30));
        });
        Assert.Equal(["container.died", "container.started"], Spooled());
        await File.WriteAllBytesAsync(_directory.File("ledger"), before, TestContext.Current.CancellationToken);

        await RunAsync(recorder =>
        {
            recorder.BeginGap();
            CloseGap(recorder, Running(30));
        });

        Assert.Equal(["container.died", "container.started"], Spooled());
    }

    [Fact]
    public async Task A_ledger_cut_at_any_byte_tells_nothing_twice_and_loses_nothing()
    {
        await RunAsync(recorder => CloseGap(recorder, Running(10)));
        var before = File.ReadAllBytes(_directory.File("ledger"));
        await RunAsync(recorder =>
        {
            recorder.Tell(Event("die", 20));
            recorder.Tell(Event("start", 30));
        });
        var whole = await File.ReadAllBytesAsync(_directory.File("ledger"), TestContext.Current.CancellationToken);
        var spool = CopyOfSpool();

        for (var cut = before.Length; cut < whole.Length; cut += CutStep)
        {
            await File.WriteAllBytesAsync(
                _directory.File("ledger"), whole[..cut], TestContext.Current.CancellationToken);
            Directory.Delete(_directory.File("spool"), recursive: true);
            CopyTo(spool, _directory.File("spool"));

            await RunAsync(recorder =>
            {
                recorder.BeginGap();
                CloseGap(recorder, Running(30));
            });

            Assert.Equal(["container.died", "container.started"], Spooled());
        }
    }

    [Fact]
    public async Task Killed_between_two_events_of_one_picture_the_second_is_told_by_the_next_run()
    {
        await RunAsync(recorder => CloseGap(recorder));
        var before = File.ReadAllBytes(_directory.File("ledger"));
        var spool = CopyOfSpool();
        await RunAsync(recorder =>
        {
            recorder.BeginGap();
            CloseGap(recorder, Running(20));
        });
        var created = SpooledPayloads()[1];
        await File.WriteAllBytesAsync(_directory.File("ledger"), before, TestContext.Current.CancellationToken);
        Directory.Delete(_directory.File("spool"), recursive: true);
        Directory.Move(spool, _directory.File("spool"));
        using (var cut = OpenSpool())
        {
            cut.Append(created);
            cut.Flush();
        }

        await RunAsync(recorder =>
        {
            recorder.BeginGap();
            CloseGap(recorder, Running(20));
        });

        Assert.Equal(["container.created", "container.started"], Spooled());
    }

    [Fact]
    public async Task Events_beyond_what_waits_for_a_full_disk_are_told_as_a_loss_with_their_number()
    {
        using var disk = new SmallDisk(megabytes: 16);
        var clock = new FakeClock();
        using var spool = Spool.Open(Path.Combine(disk.Path, "spool"), new SpoolOptions(8 << 20));
        using var forwarder = new EventForwarder(
            1, spool, null!, clock, new Random(1), NullLogger<EventForwarder>.Instance);
        using var recorder = new EventRecorder(
            1, LedgerFile.Open(Path.Combine(disk.Path, "ledger")), spool, forwarder, clock,
            NullLogger<EventRecorder>.Instance);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var missed = 0;
        recorder.Missed += () => Interlocked.Increment(ref missed);
        CloseGap(recorder, Running(10));
        disk.Fill();
        var running = recorder.RunAsync(ending.Token);

        const int Happened = RecorderQueue.Capacity + 2000;
        for (var count = 0; count < Happened; count++)
        {
            recorder.Tell(Event("oom", 20 + count));
        }

        // A rename is no news, and so its loss is none.
        recorder.Tell(Event("rename", 20 + Happened));
        await clock.WaitForTimersAsync(1, TestContext.Current.CancellationToken);
        clock.Advance(EventRecorder.RetryPause);
        await clock.WaitForTimerAsync(EventRecorder.RetryPause, TestContext.Current.CancellationToken);
        Assert.Equal(0, missed);

        disk.Free();
        clock.Advance(EventRecorder.RetryPause);
        await AgentBench.UntilAsync(() => missed == 1, "the loss recorded");
        recorder.Tell(Event("oom", 20_000));
        await AgentBench.UntilAsync(() => Events(spool).Any(one => one.Time.ToUnixTimeSeconds() == 20_000), "the next");
        await EndAsync(ending, running);

        var loss = Assert.Single(Events(spool), one => one.Type == "alert.loss");
        var recorded = Events(spool).Count(one => one.Type == "container.oom") - 1;
        Assert.InRange(recorded, RecorderQueue.Capacity, Happened - 1);
        Assert.Equal(Happened - recorded, loss.Data!.Value.GetProperty("dropped").GetInt64());
    }

    /// <summary>A run of the recorder that ends when it has recorded everything it was given.</summary>
    private async Task RunAsync(Action<EventRecorder> give)
    {
        using var spool = OpenSpool();
        using var forwarder = new EventForwarder(
            1, spool, null!, TimeProvider.System, new Random(1), NullLogger<EventForwarder>.Instance);
        using var recorder = new EventRecorder(
            1, LedgerFile.Open(_directory.File("ledger")), spool, forwarder, TimeProvider.System,
            NullLogger<EventRecorder>.Instance);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var running = recorder.RunAsync(ending.Token);
        give(recorder);

        // Events are recorded in order: when the last is in the ledger, all are.
        var end = $"end-{Guid.NewGuid():N}";
        recorder.Tell(Event("die", 40, end));
        await AgentBench.UntilAsync(() => LedgerHas(end), "the last event is recorded");
        await EndAsync(ending, running);
    }

    private static async Task EndAsync(CancellationTokenSource ending, Task running)
    {
        await ending.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private bool LedgerHas(string text)
    {
        using var file = new FileStream(
            _directory.File("ledger"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd().Contains(text, StringComparison.Ordinal);
    }

    private static void CloseGap(EventRecorder recorder, params ContainerDto[] containers) => recorder.CloseGap(
        new InventoryPicture(containers.ToImmutableDictionary(one => one.DockerId, one => KnownContainer.Of(one, ""))));

    private Spool OpenSpool() => Spool.Open(_directory.File("spool"), new SpoolOptions(1 << 20));

    private string CopyOfSpool()
    {
        CopyTo(_directory.File("spool"), _directory.File("copy"));
        return _directory.File("copy");
    }

    private static void CopyTo(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }
    }

    private List<byte[]> SpooledPayloads()
    {
        using var spool = OpenSpool();
        return [.. spool.Peek(int.MaxValue, int.MaxValue).Entries.Select(entry => entry.Payload.ToArray())];
    }

    private static List<AgentEventDto> Events(Spool spool) =>
        [.. spool.Peek(int.MaxValue, int.MaxValue).Entries.Select(entry => EventForwarder.Parse(entry.Payload)!.Event)];

    private IEnumerable<string> Spooled() => SpooledPayloads()
        .Select(payload => JsonSerializer.Deserialize(payload, AgentFilesJson.Default.SpooledEvent)!.Event)
        .Where(one => one.Subject == "web")
        .Select(one => one.Type);

    private static ContainerDto Running(long started) => new()
    {
        DockerId = "id-web",
        Name = "web",
        Image = "img",
        State = "running",
        CreatedAt = new EngineTimestamp(5, 0).ToString(),
        StartedAt = new EngineTimestamp(started, 0).ToString(),
    };

    private static DockerEvent Event(string action, long seconds, string name = "web") => new(
        "container", action, null, $"id-{name}",
        new Dictionary<string, string> { ["name"] = name, ["image"] = "img" }, new EngineTimestamp(seconds, 0));
}
