using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes;

/// <summary>Ending means that nothing is left, whatever the program did to stay.</summary>
public sealed class EndingTests : IAsyncDisposable
{
    private readonly ProcessBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_signal_reaches_the_whole_group()
    {
        var process = _bench.Sh("sleep 60 & echo child $!; sleep 60");
        var child = await _bench.Pid("child ");

        Assert.True(process.Signal(ProcessSignal.Terminate));

        Assert.Equal(new ProcessExit.BySignal("SIGTERM", false), await ProcessBench.End(process));
        await ProcessBench.Until(() => ProcessBench.IsDead(child), "the child to end with its leader");
    }

    [Fact]
    public async Task When_the_leader_ends_and_a_child_ignores_the_signal_the_child_is_still_seen_and_killed()
    {
        // process-compose #520: the leader's exit ended the watch over those that ignored the signal.
        var process = _bench.Sh("(trap '' TERM; exec sh -c 'echo child $$; while :; do sleep 0.05; done') & wait");
        var child = await _bench.Pid("child ");

        process.Signal(ProcessSignal.Terminate);
        Assert.Equal(new ProcessExit.BySignal("SIGTERM", false), await ProcessBench.End(process));
        Assert.True(process.AnythingLeft());
        Assert.False(ProcessBench.IsDead(child));
        Assert.True(process.Signal(ProcessSignal.Terminate), "the group of a dead leader can be signalled");

        Assert.Empty(await KillAsync(process));
        Assert.True(ProcessBench.IsDead(child));
        Assert.False(process.AnythingLeft());

        // A zombie that process 1 has not taken yet is still in the group.
        await ProcessBench.Until(() => !process.Signal(ProcessSignal.Terminate), "nobody to be there to signal");
    }

    [Fact]
    public async Task A_stopped_program_gets_the_signal_that_asks_it_to_end()
    {
        // The shell waits without forking: stopped between fork and exec, it would show as D.
        var process = _bench.Sh("trap 'echo asked; exit 5' TERM; sleep 60 & echo up; wait");
        await _bench.Line("up");
        Assert.True(ProcessSignal.TryParse("SIGSTOP", out var stop));
        process.Signal(stop);
        await ProcessBench.Until(
            () => ProcessStat.TryRead(process.Identity.Pid)?.State is 'T', "the program to be stopped");

        process.Signal(ProcessSignal.Terminate);

        Assert.Equal(new ProcessExit.Code(5), await ProcessBench.End(process));
    }

    [Fact]
    public async Task A_child_that_forked_twice_into_a_session_of_its_own_is_found_and_killed()
    {
        var process = _bench.Sh("(setsid sh -c 'echo escaped $$; sleep 60' &); sleep 0.1; exit 0");
        var escaped = await _bench.Pid("escaped ");
        await ProcessBench.End(process);
        Assert.NotEqual(process.Identity.Pid, ProcessStat.TryRead(escaped)!.Value.Session);

        Assert.True(process.AnythingLeft());
        Assert.Empty(await KillAsync(process));

        Assert.True(ProcessBench.IsDead(escaped));
    }

    [Fact]
    public async Task A_child_that_cleared_its_environment_in_a_session_of_its_own_is_found_by_its_parent()
    {
        var process = _bench.Sh("env -i setsid sh -c 'echo escaped $$; exec sleep 60' & wait");
        var escaped = await _bench.Pid("escaped ");
        Assert.Null(ProcessMarker.TryRead(escaped));
        Assert.NotEqual(process.Identity.Pid, ProcessStat.TryRead(escaped)!.Value.Session);

        Assert.Empty(await KillAsync(process));

        Assert.True(ProcessBench.IsDead(escaped));
    }

    [Fact]
    public async Task Programs_that_fork_while_they_are_killed_are_all_ended()
    {
        var process = _bench.Sh(
            "echo up; f() { while :; do (setsid sh -c 'sleep 60' &) ; sleep 0.01; done; }; f & f & f & wait");
        await _bench.Line("up");
        await ProcessBench.Until(() => Marked(process).Count > 10, "some to be forked");

        Assert.Empty(await KillAsync(process));

        Assert.Empty(Marked(process));
    }

    [Fact]
    public async Task Two_instances_of_the_same_program_are_never_mixed_up()
    {
        const string Lines = "(setsid sleep 60 &) ; exec sleep 60";
        var one = _bench.Sh(Lines);
        var other = _bench.Sh(Lines);
        await ProcessBench.Until(() => Marked(one).Count == 2 && Marked(other).Count == 2, "both to be up");

        Assert.Empty(await KillAsync(one));

        Assert.Empty(Marked(one));
        Assert.Equal(2, Marked(other).Count);
    }

    [Fact]
    public async Task What_a_launch_left_whose_identity_was_never_recorded_is_found_by_its_marker()
    {
        var spec = _bench.Script("echo up; sleep 60");
        var process = _bench.Start(spec);
        await _bench.Line("up");

        Assert.Empty(await _bench.Launcher.KillRemainsAsync(
            identity: null, spec.Marker, controlGroup: null, ProcessBench.Patience,
            TestContext.Current.CancellationToken));

        Assert.Equal(new ProcessExit.BySignal("SIGKILL", false), await ProcessBench.End(process));
    }

    [Fact]
    public async Task Without_the_kernels_group_signals_the_group_is_signalled_by_number_or_one_by_one()
    {
        var process = _bench.Sh("trap 'exit 0' USR1; (trap '' USR1; exec sh -c 'echo child $$; sleep 60') & wait");
        var child = await _bench.Pid("child ");
        Assert.True(ProcessSignal.TryParse("USR1", out var signal));

        Assert.True(process.SendByNumber(signal));
        Assert.Equal(new ProcessExit.Code(0), await ProcessBench.End(process));
        Assert.True(process.SendByNumber(ProcessSignal.Kill));

        await ProcessBench.Until(() => ProcessBench.IsDead(child), "the group of the dead leader to be killed");
        Assert.False(process.SendByNumber(ProcessSignal.Kill));
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_let_go()
    {
        var process = _bench.Sh("sleep 60");
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => process.KillEverythingAsync(ProcessBench.Patience, cancelled.Token));
    }

    private static Task<IReadOnlyList<Survivor>> KillAsync(SupervisedProcess process) =>
        process.KillEverythingAsync(ProcessBench.Patience, TestContext.Current.CancellationToken);

    private static IReadOnlyList<int> Marked(SupervisedProcess process)
    {
        return
        [
            .. ProcessTable.Read()
                .Where(stat => !stat.IsDead && ProcessMarker.TryRead(stat.Pid) == process.Marker)
                .Select(stat => stat.Pid),
        ];
    }
}
