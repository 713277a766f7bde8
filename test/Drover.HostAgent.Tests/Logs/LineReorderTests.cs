using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Drover.HostAgent.Logs;
using Drover.HostAgent.Tests.Commands;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Logs;
using Drover.Testing.Time;

namespace Drover.HostAgent.Tests.Logs;

/// <summary>The order of a followed log: what is held back, how long, and what is never kept.</summary>
public sealed class LineReorderTests
{
    private readonly FakeClock _clock = new();
    private readonly Channel<LogLine> _log = Channel.CreateUnbounded<LogLine>();
    private int _taken;

    [Fact]
    public async Task A_line_is_held_for_a_tenth_of_a_second_and_an_earlier_one_that_comes_by_then_goes_first()
    {
        await using var lines = Follow(TestContext.Current.CancellationToken);
        Write("second", at: 2);
        var next = lines.MoveNextAsync().AsTask();
        await _clock.WaitForTimersAsync(1, TestContext.Current.CancellationToken);

        _clock.Advance(LineReorder.Hold / 2);
        Write("first", at: 1);
        await CommandRig.UntilAsync(() => _taken == 2, "the line to be held");
        Assert.False(next.IsCompleted);

        _clock.Advance(LineReorder.Hold / 2);
        Assert.True(await next);
        Assert.Equal("first", lines.Current.Text);
        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("second", lines.Current.Text);
    }

    [Fact]
    public async Task A_line_that_the_engine_wrote_3000_places_late_still_goes_first_in_a_follow()
    {
        await using var lines = Follow(TestContext.Current.CancellationToken);
        for (var line = 1; line <= 3000; line++)
        {
            Write($"line {line}", at: line);
        }

        Write("line 0", at: 0);
        var next = lines.MoveNextAsync().AsTask();
        await CommandRig.UntilAsync(() => _taken == 3001, "all lines to be held");
        _clock.Advance(LineReorder.Hold);

        for (var line = 0; line <= 3000; line++)
        {
            Assert.True(await (line == 0 ? next : lines.MoveNextAsync().AsTask()));
            Assert.Equal($"line {line}", lines.Current.Text);
        }
    }

    [Fact]
    public async Task What_is_held_is_given_before_the_failure_that_ends_the_reading()
    {
        await using var lines = Follow(TestContext.Current.CancellationToken);
        Write("last words", at: 1);
        _log.Writer.Complete(new IOException("broken pipe"));

        Assert.True(await lines.MoveNextAsync());
        Assert.Equal("last words", lines.Current.Text);
        await Assert.ThrowsAsync<IOException>(async () => await lines.MoveNextAsync());
    }

    [Fact]
    public async Task More_lines_than_the_window_holds_go_on_without_waiting()
    {
        await using var lines = Follow(TestContext.Current.CancellationToken);
        for (var line = 0; line < 10_000; line++)
        {
            Write($"line {line}", at: line);
        }

        for (var line = 0; line < 10_000 - 4096; line++)
        {
            Assert.True(await lines.MoveNextAsync());
            Assert.Equal($"line {line}", lines.Current.Text);
        }
    }

    [Fact]
    public async Task A_follow_that_nobody_wants_any_more_ends_the_reading_of_a_silent_log()
    {
        using var wanted = new CancellationTokenSource();
        await using var lines = Follow(wanted.Token);
        var next = lines.MoveNextAsync().AsTask();

        await wanted.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    private void Write(string text, long at)
    {
        var moment = EngineTimestamp.FromUnixNanos(at);
        Assert.True(_log.Writer.TryWrite(new LogLine(LogSource.Stdout, text, moment, moment.ToString(), false)));
    }

    private IAsyncEnumerator<LogLine> Follow(CancellationToken cancellationToken) =>
        LineReorder.ByTimeAsync(ReadAsync, _clock, cancellationToken).GetAsyncEnumerator(cancellationToken);

    private async IAsyncEnumerable<LogLine> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in _log.Reader.ReadAllAsync(cancellationToken))
        {
            yield return line;
            Interlocked.Increment(ref _taken);
        }
    }
}
