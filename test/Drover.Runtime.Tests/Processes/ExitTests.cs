using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes;

public sealed class ExitTests : IAsyncDisposable
{
    private readonly ProcessBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task Of_five_hundred_programs_that_end_within_a_millisecond_no_end_is_lost()
    {
        var spec = ProcessBench.Spec("/bin/true");
        for (var round = 0; round < 500; round++)
        {
            using var process = Assert.IsType<LaunchOutcome.Started>(_bench.Launcher.Launch(spec)).Process;
            Assert.Equal(new ProcessExit.Code(0), await ProcessBench.End(process));
        }

        Assert.True(_bench.Waiter.Children.IsEmpty);
    }

    [Fact]
    public async Task Launches_from_many_threads_at_once_each_get_their_own_exit_code()
    {
        var ends = Enumerable.Range(0, 40).Select(code => Task.Run(async () =>
        {
            var spec = ProcessBench.Spec("sh", "-c", $"exit {code}");
            using var process = Assert.IsType<LaunchOutcome.Started>(_bench.Launcher.Launch(spec)).Process;
            return await ProcessBench.End(process);
        }));

        Assert.Equal(
            Enumerable.Range(0, 40).Select(code => new ProcessExit.Code(code)), await Task.WhenAll(ends));
    }

    [Fact]
    public async Task Who_asks_the_waiter_whether_it_is_stuck_hears_nothing_while_a_report_holds_it()
    {
        await _bench.Waiter.PingAsync(TestContext.Current.CancellationToken);
        var process = _bench.Sh("exec sleep 60");
        using var handle = PidHandle.TryOpen(process.Identity.Pid, out _);
        using var entered = new ManualResetEventSlim();
        using var held = new ManualResetEventSlim();
        _bench.Waiter.WhenEnded(handle!, () =>
        {
            entered.Set();
            held.Wait();
        });
        process.Signal(ProcessSignal.Kill);
        entered.Wait(ProcessBench.Patience, TestContext.Current.CancellationToken);

        var question = _bench.Waiter.PingAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<TimeoutException>(
            () => question.WaitAsync(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken));
        held.Set();

        await question.WaitAsync(ProcessBench.Patience, TestContext.Current.CancellationToken);
        await ProcessBench.End(process);
    }

    [Fact]
    public async Task A_grandchild_that_keeps_the_output_open_does_not_delay_the_exit()
    {
        var process = _bench.Sh("sleep 60 & exit 3");
        var start = TimeProvider.System.GetTimestamp();

        Assert.Equal(new ProcessExit.Code(3), await ProcessBench.End(process));

        Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_program_that_closes_its_output_still_runs()
    {
        var process = _bench.Sh("echo up; exec >&- 2>&-; sleep 60");
        await _bench.Line("up");

        Assert.True(process.AnythingLeft());
        Assert.False(process.Exit.IsCompleted);
        Assert.True(process.Identity.IsAlive());
    }

    [Fact]
    public async Task Who_waits_for_one_end_and_then_blocks_does_not_hold_up_the_next()
    {
        using var block = new ManualResetEventSlim();
        var ending = _bench.Sh("while [ ! -e go ]; do sleep 0.01; done; exit 1").Exit;
        var first = ending.ContinueWith(
            _ => block.Wait(TestContext.Current.CancellationToken),
            TestContext.Current.CancellationToken,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        _bench.MakeFile("go", "", UnixFileMode.UserRead);
        await ending;

        Assert.Equal(new ProcessExit.Code(2), await ProcessBench.End(_bench.Sh("exit 2")));

        Assert.False(first.IsCompleted);
        block.Set();
        await first;
    }

    [Fact]
    public async Task A_program_that_is_let_go_of_while_it_runs_goes_on_and_is_reaped_when_it_ends()
    {
        var process = _bench.Sh("echo up; sleep 60");
        await _bench.Line("up");
        process.Dispose();
        Assert.False(ProcessBench.IsDead(process.Identity.Pid));

        await _bench.Launcher.KillRemainsAsync(
            process.Identity, marker: null, controlGroup: null, ProcessBench.Patience,
            TestContext.Current.CancellationToken);

        await ProcessBench.Until(
            () => ProcessStat.TryRead(process.Identity.Pid) is null, "the child that was let go of to be reaped");
        Assert.True(_bench.Waiter.Children.IsEmpty);
    }
}
