using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Drover.Testing.Time;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.State;

public sealed class RunStoreTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    private string Path => _directory.File("run.json");

    [Fact]
    public void A_clean_stop_a_crash_and_a_reboot_are_told_apart()
    {
        Assert.Equal((PreviousEnd.First, false), Begin("one"));
        Assert.Equal((PreviousEnd.Crash, true), Begin("one"));
        Assert.Equal((PreviousEnd.Reboot, false), Begin("two"));
        Assert.Equal((PreviousEnd.Crash, true), Begin("two", run => run.BeginEnd()));

        // Killed while it stopped its components: they shall run again, not stay as they were left.
        Assert.Equal((PreviousEnd.Crash, false), Begin("two", run => run.EndClean()));
        Assert.Equal((PreviousEnd.Clean, false), Begin("two"));
    }

    [Fact]
    public void The_directory_keeps_its_id_over_every_life()
    {
        Begin("one");
        var id = RunStore.Read(Path)?.Id;
        Begin("two", run => run.EndClean());
        Begin("two");
        Assert.NotNull(id);
        Assert.Equal(id, RunStore.Read(Path)?.Id);
    }

    [Fact]
    public void History_is_bounded_and_gives_the_newest_first()
    {
        using var history = HistoryStore.Open(_directory.File("history"), NullLogger.Instance, TimeProvider.System);
        for (var instance = 1; instance <= 4000; instance++)
        {
            history.Add([Entry(instance % 2 == 0 ? "api" : "web", instance)]);
        }

        Assert.InRange(history.Bytes, HistoryStore.KeptBytes / 2, 2 * HistoryStore.KeptBytes + 4096);
        Assert.Equal([4000L, 3999L, 3998L], history.Newest(null, 3).Select(entry => entry.Instance));
        Assert.Equal([3999L, 3997L], history.Newest("web", 2).Select(entry => entry.Instance));
        Assert.Empty(history.Newest("db", 2));
    }

    [Fact]
    public void History_survives_the_process_and_a_torn_end()
    {
        var path = _directory.File("history");
        using (var history = HistoryStore.Open(path, NullLogger.Instance, TimeProvider.System))
        {
            history.Add([Entry("web", 1), Entry("web", 2)]);
        }

        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
        {
            RandomAccess.SetLength(file, RandomAccess.GetLength(file) - 3);
        }

        using var again = HistoryStore.Open(path, NullLogger.Instance, TimeProvider.System);
        Assert.Equal(1, Assert.Single(again.Newest(null, 10)).Instance);
    }

    [Fact]
    public void Ends_that_a_full_disk_refuses_are_shown_bounded_and_written_when_it_has_room()
    {
        using var disk = new SmallDisk(megabytes: 4);
        var path = System.IO.Path.Combine(disk.Path, "history");
        var clock = new FakeClock();
        using (var history = HistoryStore.Open(path, NullLogger.Instance, clock))
        {
            history.Add([Entry("web", 1)]);
            disk.Fill();
            for (var instance = 2; instance <= 1300; instance++)
            {
                history.Add([Entry("web", instance)]);
            }

            Assert.Equal("the disk is full; make room on it", history.Trouble);
            var shown = history.Newest("web", 5000);
            Assert.InRange(shown.Count, HistoryStore.KeptRefused, HistoryStore.KeptRefused + 10);
            Assert.Equal(1300, shown[0].Instance);
            disk.Free();
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Null(history.Trouble);
        }

        using var again = HistoryStore.Open(path, NullLogger.Instance, clock);
        Assert.Equal(1300, again.Newest("web", 1)[0].Instance);
    }

    public void Dispose() => _directory.Dispose();

    private static HistoryEntry Entry(string component, long instance) => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Component = component,
        Instance = instance,
        Cause = "exit",
        Message = "exited with code 1",
        ExitCode = 1,
        Outcome = HistoryOutcome.Backoff,
        Log = [new string('x', 800)],
    };

    private (PreviousEnd Previous, bool IsContinuation) Begin(string boot, Action<RunStore>? then = null)
    {
        var run = RunStore.Begin(Path, boot, pid: 7, DateTimeOffset.UnixEpoch);
        then?.Invoke(run);
        return (run.Previous, run.IsContinuation);
    }
}
