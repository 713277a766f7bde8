using Drover.Core.Events;
using Drover.Runtime.Journal;
using Drover.Runtime.Uplink;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Runtime.Tests.Uplink;

/// <summary>Spool and book of marks, as a cut between their two writes or a full disk leaves them.</summary>
public sealed class EventKeeperTests : IDisposable
{
    // A prime, so that the cuts fall on every kind of byte of a record.
    private const int CutStep = 7;

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_book_cut_at_any_byte_keeps_nothing_twice_and_loses_nothing()
    {
        await KeepAsync(_directory.Path, Marked("web", 1), Marked("api", 1));
        var before = (await File.ReadAllBytesAsync(_directory.File("told"), Token)).Length;
        await KeepAsync(_directory.Path, Marked("web", 2), Marked("api", 2), Marked("web", 3));
        var whole = await File.ReadAllBytesAsync(_directory.File("told"), Token);

        for (var cut = before; cut <= whole.Length; cut += CutStep)
        {
            var copy = Copy($"cut-{cut}");
            await File.WriteAllBytesAsync(Path.Combine(copy, "told"), whole[..cut], Token);
            await KeepAsync(copy, Marked("web", 2), Marked("api", 2), Marked("web", 3), Marked("web", 4));
            Assert.Equal(["web 1", "api 1", "web 2", "api 2", "web 3", "web 4"], Kept(copy));
        }
    }

    [Fact]
    public async Task What_many_short_lives_told_again_is_kept_once()
    {
        for (var life = 0; life < 12; life++)
        {
            var left = Enumerable.Range(0, life + 1).Select(one => new EventMark("web", $"life-{one}", 1));
            await KeepAsync(_directory.Path, [.. left]);
        }

        Assert.Equal(12, Kept(_directory.Path).Count);
    }

    [Fact]
    public async Task The_book_stays_small_however_much_is_told()
    {
        await KeepAsync(_directory.Path, [.. Enumerable.Range(1, 3000).Select(number => Marked("web", number))]);
        for (var number = 3001; number < 3100; number++)
        {
            await KeepAsync(_directory.Path, Marked($"web-{number}", number));
        }

        Assert.InRange(new FileInfo(_directory.File("told")).Length, 1, 256 << 10);
        await KeepAsync(_directory.Path, Marked("web", 3000), Marked("web-3050", 3050));
        Assert.Equal(3099, Kept(_directory.Path).Count);
    }

    [Fact]
    public async Task On_a_full_disk_events_wait_and_what_the_queue_cannot_hold_is_told_with_its_number()
    {
        using var disk = new SmallDisk(megabytes: 8);
        using var spool = Open(disk.Path);
        var clock = new Testing.Time.FakeClock();
        await using var keeper = new EventKeeper(
            1, spool, EventMarks.Open(Path.Combine(disk.Path, "told"), spool), new Lock(), () => { }, clock,
            NullLogger<EventKeeper>.Instance);
        disk.Fill();
        var settled = 0;
        const int Count = EventKeeper.QueueSize + 1000;
        for (var number = 1; number <= Count; number++)
        {
            keeper.Tell(Event(number), Marked("web", number), () => Interlocked.Increment(ref settled));
        }

        disk.Free();
        await AgentBench.UntilAsync(
            () =>
            {
                clock.Advance(EventKeeper.RetryPause);
                return Volatile.Read(ref settled) == Count;
            },
            "everything is kept or counted");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await keeper.CompleteAsync(limit.Token);

        var kept = Entries(spool);
        var lost = kept.Where(one => one.Event.Type == EventTypes.AlertLoss.Name)
            .Sum(one => one.Event.Data!.Value.GetProperty("dropped").GetInt64());
        Assert.True(lost > 0);
        Assert.Equal(Count, lost + kept.Count(one => one.Mark is not null));
        Assert.Equal(
            kept.Where(one => one.Mark is not null).Select(one => one.Mark!.Number).Order(),
            kept.Where(one => one.Mark is not null).Select(one => one.Mark!.Number));
    }

    private static EventMark Marked(string source, long number) => new(source, "life", number);

    private static Wire.Agents.AgentEventDto Event(long number) => ReportedEvents.Make(
        EventTypes.ComponentStarted, DateTimeOffset.UnixEpoch, "web", writer => writer.WriteNumber("instance", number));

    private static Spool Open(string directory) =>
        Spool.Open(Path.Combine(directory, "events"), new SpoolOptions(4 << 20));

    private static async Task KeepAsync(string directory, params EventMark[] marks)
    {
        using var spool = Open(directory);
        await using var keeper = new EventKeeper(
            1, spool, EventMarks.Open(Path.Combine(directory, "told"), spool), new Lock(), () => { },
            TimeProvider.System, NullLogger<EventKeeper>.Instance);
        foreach (var mark in marks)
        {
            keeper.Tell(Event(mark.Number), mark, settled: null);
        }

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await keeper.CompleteAsync(limit.Token);
    }

    private static List<ForwardedEvent> Entries(Spool spool) =>
        [.. spool.Peek(int.MaxValue, int.MaxValue).Entries.Select(entry => EventForwarder.Parse(entry.Payload)!)];

    private static List<string> Kept(string directory)
    {
        using var spool = Open(directory);
        return [.. Entries(spool).Select(one => $"{one.Mark!.Source} {one.Mark.Number}")];
    }

    private string Copy(string name)
    {
        var copy = _directory.File(name);
        Directory.CreateDirectory(Path.Combine(copy, "events"));
        foreach (var file in Directory.GetFiles(_directory.File("events")))
        {
            File.Copy(file, Path.Combine(copy, "events", Path.GetFileName(file)));
        }

        return copy;
    }
}
