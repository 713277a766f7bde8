using System.Collections.Concurrent;
using Drover.Core.Components;
using Drover.Core.Events;
using Drover.Runtime.Journal;
using Drover.Supervisor.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Drover.Testing.Agents;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Supervisor.Tests.Components;

/// <summary>What the loop of events makes of a defect of those it calls.</summary>
public sealed class EventPumpTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentQueue<string> _forwarded = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_that_cannot_be_told_keeps_none_of_the_others_from_being_told()
    {
        using var history = HistoryStore.Open(_directory.File("history"), NullLogger.Instance, TimeProvider.System);
        await using var pump = Pump(history);
        pump.Emit(EventOf("broken"));
        pump.Emit(EventOf("web"));
        await pump.FlushAsync(Token).WaitAsync(Limit, Token);
        Assert.Equal(["web"], _forwarded);
    }

    [Fact]
    public async Task An_end_whose_last_lines_cannot_be_read_is_in_the_history_without_them()
    {
        using var history = HistoryStore.Open(_directory.File("history"), NullLogger.Instance, TimeProvider.System);
        await using var pump = Pump(history);
        var isKept = false;
        pump.Ended(End(3), new PlayedOutput(), default, isRepeat: false, () => isKept = true);
        await pump.FlushAsync(Token).WaitAsync(Limit, Token);
        Assert.True(isKept);
        Assert.Equal(3, Assert.Single(history.Newest(null, 10)).Instance);
    }

    [Fact]
    public async Task A_loop_that_breaks_says_so_and_leaves_nobody_waiting()
    {
        using var disk = new BrokenDisk();
        using var history = HistoryStore.Open(
            _directory.File("history"), disk, NullLogger.Instance, TimeProvider.System);
        await using var pump = Pump(history);
        pump.Ended(End(3), new PlayedOutput(), default, isRepeat: false, () => { });
        await Assert.ThrowsAsync<InvalidOperationException>(() => pump.Completion.WaitAsync(Limit, Token));
        await Assert.ThrowsAsync<ControlException>(() => pump.FlushAsync(Token).WaitAsync(Limit, Token));
        disk.IsBroken = false;
    }

    public void Dispose() => _directory.Dispose();

    private EventPump Pump(HistoryStore history) => new(
        history,
        happened =>
        {
            if (happened.Component.Name == "broken")
            {
                throw new InvalidOperationException("a defect");
            }

            _forwarded.Enqueue(happened.Component.Name);
        },
        static _ => { },
        NullLogger.Instance);

    private static ComponentEvent EventOf(string component) => new(
        DateTimeOffset.UnixEpoch,
        new ComponentId(component),
        EventTypes.ComponentStarted,
        [new EventField("instance", "1")]);

    private static HistoryEntry End(long instance) => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Component = "web",
        Instance = instance,
        Cause = "exit",
        Message = "exited with code 3",
        Outcome = HistoryOutcome.Restarted,
    };

    private sealed class PlayedOutput : IComponentOutput
    {
        public OutputExtent Extent => default;

        public Drover.Runtime.Probing.ILogTap Tap => throw new InvalidOperationException("no probe here reads a log");

        public ValueTask<IReadOnlyList<string>> LastLinesAsync(OutputExtent extent, int count) =>
            throw new InvalidOperationException("a defect");
    }

    /// <summary>Answers with what no disk answers.</summary>
    private sealed class BrokenDisk : IRecordDisk, IRecordMedium
    {
        internal bool IsBroken { get; set; } = true;

        public long Length => 0;

        public IRecordMedium Open(string path) => this;

        public void Delete(string path)
        {
        }

        public void Replace(string from, string to)
        {
        }

        public int Read(Span<byte> buffer, long offset) => 0;

        public void Write(ReadOnlySpan<byte> bytes, long offset)
        {
            if (IsBroken)
            {
                throw new InvalidOperationException("a defect");
            }
        }

        public void SetLength(long length)
        {
        }

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }
}
