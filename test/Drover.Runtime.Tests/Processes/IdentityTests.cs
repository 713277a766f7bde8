using Drover.Runtime.Processes;
using Drover.Runtime.Tests.Processes.Played;

namespace Drover.Runtime.Tests.Processes;

/// <summary>A number that was given away again is never mistaken for the process that had it.</summary>
public sealed class IdentityTests : IAsyncDisposable
{
    private readonly ProcessBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public async Task A_process_with_another_start_time_is_another_process_and_is_not_signalled()
    {
        var innocent = _bench.Sh("echo up; sleep 60").Identity;
        await _bench.Line("up");
        var recorded = innocent with { StartTime = innocent.StartTime - 1, Inode = 0 };

        var outcome = Assert.IsType<AdoptOutcome.Mismatch>(_bench.Launcher.Adopt(recorded));
        var survivors = await _bench.Launcher.KillRemainsAsync(
            recorded, "other/1", controlGroup: null, ProcessBench.Patience, TestContext.Current.CancellationToken);

        Assert.Equal(
            $"process {innocent.Pid} is another one, which was started at another time", outcome.Why);
        Assert.Empty(survivors);
        Assert.True(innocent.IsAlive());
        Assert.False(recorded.IsAlive());
    }

    [Fact]
    public void A_process_with_another_descriptor_inode_is_another_process()
    {
        var innocent = _bench.Sh("sleep 60").Identity;
        Assert.NotEqual(0UL, innocent.Inode);

        Assert.IsType<AdoptOutcome.Mismatch>(_bench.Launcher.Adopt(innocent with { Inode = innocent.Inode + 1 }));
    }

    [Fact]
    public void A_record_of_an_earlier_boot_is_gone_whoever_has_its_number_now()
    {
        var innocent = _bench.Sh("sleep 60").Identity;

        var outcome = _bench.Launcher.Adopt(innocent with { BootId = "11111111-2222-3333-4444-555555555555" });

        Assert.Equal(new AdoptOutcome.Gone(Exit: null), outcome);
        Assert.True(innocent.IsAlive());
    }

    [Fact]
    public async Task A_process_that_has_ended_and_was_reaped_is_gone()
    {
        var process = _bench.Sh("exit 0");
        await ProcessBench.End(process);

        Assert.Equal(new AdoptOutcome.Gone(Exit: null), _bench.Launcher.Adopt(process.Identity));
        Assert.False(process.Identity.IsAlive());
        Assert.Null(ProcessIdentity.TryRead(process.Identity.Pid));
    }

    [Fact]
    public void Who_we_are_can_be_written_down_and_is_found_alive()
    {
        var own = ProcessIdentity.TryRead(Environment.ProcessId)!;

        Assert.True(own.IsAlive());
        Assert.False((own with { StartTime = own.StartTime + 1 }).IsAlive());
    }

    [Theory]
    [InlineData("exit 42", 42, null)]
    [InlineData("exit 0", 0, null)]
    [InlineData("kill -USR1 $$", 0, "SIGUSR1")]
    [InlineData("kill -KILL $$", 0, "SIGKILL")]
    public async Task After_the_supervisor_was_killed_the_next_learns_how_an_adopted_process_ended(
        string end, int code, string? signal)
    {
        var (identity, _) = await LeaveBehind();
        var adopted = Assert.IsType<AdoptOutcome.Alive>(_bench.Launcher.Adopt(identity, marker: "left/behind/1"));
        using var process = adopted.Process;
        Assert.True(process.AnythingLeft());

        var trigger = Path.Combine(_bench.Directory, LeaveChildrenPart.Trigger);
        await File.WriteAllTextAsync(trigger + ".new", end, TestContext.Current.CancellationToken);
        File.Move(trigger + ".new", trigger);

        ProcessExit expected =
            signal is null ? new ProcessExit.Code(code) : new ProcessExit.BySignal(signal, CoreDumped: false);
        Assert.Equal(expected, await ProcessBench.End(process));
        Assert.False(process.AnythingLeft());
    }

    [Fact]
    public async Task An_adopted_process_is_signalled_and_ended_like_one_of_our_own()
    {
        var (identity, _) = await LeaveBehind();
        using var process =
            Assert.IsType<AdoptOutcome.Alive>(_bench.Launcher.Adopt(identity, marker: "left/behind/1")).Process;

        Assert.True(process.Signal(ProcessSignal.Terminate));

        Assert.Equal(new ProcessExit.BySignal("SIGTERM", false), await ProcessBench.End(process));
        Assert.Empty(
            await process.KillEverythingAsync(ProcessBench.Patience, TestContext.Current.CancellationToken));
        Assert.IsType<AdoptOutcome.Gone>(_bench.Launcher.Adopt(identity));
    }

    /// <summary>A supervisor is started, starts a program and is killed.</summary>
    private async Task<(ProcessIdentity Identity, int Supervisor)> LeaveBehind()
    {
        var supervisor = _bench.Start(PlayedProcess.Spec("leave-children") with
        {
            OutputPath = _bench.Log,
            WorkingDirectory = _bench.Directory,
        });
        var words = (await _bench.Line("identity ")).Split(' ');
        var identity = new ProcessIdentity(words[0], int.Parse(words[1]), ulong.Parse(words[2]), ulong.Parse(words[3]));
        Assert.True(supervisor.Signal(ProcessSignal.Kill));
        Assert.Equal(new ProcessExit.BySignal("SIGKILL", false), await ProcessBench.End(supervisor));
        return (identity, supervisor.Identity.Pid);
    }
}
