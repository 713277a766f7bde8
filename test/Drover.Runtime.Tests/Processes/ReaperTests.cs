using Drover.Runtime.Processes;
using Drover.Runtime.Tests.Processes.Played;

namespace Drover.Runtime.Tests.Processes;

/// <summary>
/// What only a process of its own can show: orphans come to it, and their ends and its children's are never mixed up.
/// Each part says what went wrong; nothing is what is wanted.
/// </summary>
public sealed class ReaperTests : IAsyncDisposable
{
    private static readonly string[] NewPidNamespace = ["unshare", "--pid", "--fork", "--mount-proc"];

    private readonly ProcessBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public Task A_subreaper_leaves_no_zombie_takes_no_exit_code_from_its_owner_and_finds_who_escaped() =>
        Play(PlayedProcess.Spec("reaper"));

    [Fact]
    public Task Process_1_of_a_container_does_the_same() => Play(PlayedProcess.Spec("reaper", NewPidNamespace));

    [Fact]
    public Task Process_1_does_the_same_although_the_runtime_wants_to_reap_once_the_terminal_is_used() =>
        Play(PlayedProcess.Spec("reaper-with-terminal", NewPidNamespace));

    [Fact]
    public Task A_thousand_launches_leave_no_descriptor_no_zombie_and_no_memory() =>
        Play(PlayedProcess.Spec("thousand-launches"));

    [Fact]
    [Trait("tier", "heavy")]
    public Task Ten_thousand_launches_leave_no_descriptor_no_zombie_and_no_memory() =>
        Play(PlayedProcess.Spec("ten-thousand-launches"), TimeSpan.FromMinutes(3));

    private async Task Play(LaunchSpec part, TimeSpan? limit = null)
    {
        var exit = await _bench.Start(part with { OutputPath = _bench.Log }).Exit
            .WaitAsync(limit ?? TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        var said = await File.ReadAllTextAsync(_bench.Log, TestContext.Current.CancellationToken);
        Assert.Equal("", said);
        Assert.Equal(new ProcessExit.Code(0), exit);
    }
}
