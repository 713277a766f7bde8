using Drover.Runtime.Processes;
using Drover.Testing.Agents;

namespace Drover.Runtime.Tests.Processes;

public sealed class ControlGroupTests : IAsyncDisposable
{
    private readonly TemporaryDirectory _fixture = new();
    private readonly List<IAsyncDisposable> _benches = [];

    public async ValueTask DisposeAsync()
    {
        foreach (var bench in _benches)
        {
            await bench.DisposeAsync();
        }

        _fixture.Dispose();
    }

    [Fact]
    public async Task In_a_control_group_even_a_child_that_left_no_trace_is_found_and_the_group_goes_when_it_is_empty()
    {
        // The machines that test this have version 2 beside version 1, and root may make groups in it.
        var groups = ControlGroups.Find($"drover-test-{Guid.NewGuid():N}");
        Assert.Null(groups.Absence);
        var bench = Bench(groups);
        var process = bench.Start(bench.Script(
            "sleep 0.2; (env -i setsid sh -c 'echo escaped $$; exec sleep 60' &); sleep 0.2; exit 0") with
        {
            ControlGroup = "an api/1",
        });
        var escaped = await bench.Pid("escaped ");
        await ProcessBench.End(process);
        Assert.Contains("c.an%20api%2F1", await File.ReadAllTextAsync(
            $"/proc/{escaped}/cgroup", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.True(process.AnythingLeft());

        Assert.Empty(await process.KillEverythingAsync(ProcessBench.Patience, TestContext.Current.CancellationToken));

        Assert.True(ProcessBench.IsDead(escaped));
        Assert.False(process.AnythingLeft());
        groups.RemoveWhenEmpty();
        await ProcessBench.Until(
            () =>
            {
                groups.RemoveWhenEmpty();
                return groups.Root is { } root && !Directory.Exists(root);
            },
            "the groups to be gone");
    }

    [Theory]
    [InlineData(0, 1, "KILL", true)]
    [InlineData(2, 3, "KILL", true)]
    [InlineData(2, 2, "KILL", false)]
    [InlineData(0, 1, "TERM", false)]
    public async Task A_kill_for_want_of_memory_is_told_from_any_other(
        int before, int after, string signal, bool isOutOfMemory)
    {
        var group = Fixture("api");
        await File.WriteAllTextAsync(
            Path.Combine(group, "memory.events"), Events(before), TestContext.Current.CancellationToken);
        var bench = Bench(Found());
        var process = bench.Start(bench.Script(
            $"while [ ! -e go ]; do sleep 0.01; done; kill -{signal} $$") with
        { ControlGroup = "api" });

        await File.WriteAllTextAsync(
            Path.Combine(group, "memory.events"), Events(after), TestContext.Current.CancellationToken);
        bench.MakeFile("go", "", UnixFileMode.UserRead);

        var exit = Assert.IsType<ProcessExit.BySignal>(await ProcessBench.End(process));
        Assert.Equal(isOutOfMemory, exit.OutOfMemory);
        Assert.Equal(
            process.Identity.Pid.ToString(),
            await File.ReadAllTextAsync(Path.Combine(group, "cgroup.procs"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Memory_is_counted_where_the_group_above_allows_it()
    {
        Fixture("api");
        File.WriteAllText(Path.Combine(_fixture.Path, "drover", "cgroup.controllers"), "cpu memory pids\n");

        Found();

        Assert.Equal(
            "+memory", File.ReadAllText(Path.Combine(_fixture.Path, "drover", "cgroup.subtree_control")));
    }

    [Fact]
    public async Task Without_control_groups_the_reason_is_said_and_everything_else_works()
    {
        var groups = ControlGroups.Find("drover", "31 30 0:41 / /sys/fs/cgroup/memory rw - cgroup cgroup rw", "0::/");
        Assert.Equal("version 2 is not mounted", groups.Absence);
        var bench = Bench(groups);
        var process = bench.Start(bench.Script("sleep 60") with { ControlGroup = "api" });

        Assert.Empty(await process.KillEverythingAsync(ProcessBench.Patience, TestContext.Current.CancellationToken));
        groups.RemoveWhenEmpty();
    }

    [Fact]
    public async Task Who_cannot_be_killed_is_named_with_its_state_and_the_reason_when_the_patience_with_it_is_over()
    {
        // Version 1 of the freezer holds a process where no signal reaches it, as a disk that does not answer does.
        var freezer = Directory.CreateDirectory($"/sys/fs/cgroup/freezer/drover-test-{Guid.NewGuid():N}").FullName;
        try
        {
            var bench = Bench(ControlGroups.None);
            var process = bench.Sh("echo up; exec sleep 60");
            await bench.Line("up");
            await File.WriteAllTextAsync(
                Path.Combine(freezer, "cgroup.procs"),
                $"{process.Identity.Pid}",
                TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(freezer, "freezer.state"), "FROZEN", TestContext.Current.CancellationToken);

            var began = TimeProvider.System.GetTimestamp();
            var survivors = await process.KillEverythingAsync(
                TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);

            // Generously: this machine has other things to do.
            Assert.InRange(
                TimeProvider.System.GetElapsedTime(began), TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(10));

            await File.WriteAllTextAsync(
                Path.Combine(freezer, "freezer.state"), "THAWED", TestContext.Current.CancellationToken);
            var survivor = Assert.Single(survivors);
            Assert.Equal(
                (process.Identity.Pid, 'D'), (survivor.Pid, survivor.State));
            Assert.StartsWith("it waits in the kernel", survivor.Why, StringComparison.Ordinal);
            Assert.Equal(new ProcessExit.BySignal("SIGKILL", false), await ProcessBench.End(process));
        }
        finally
        {
            await ProcessBench.Until(
                () =>
                {
                    new ControlGroup(freezer).TryRemove();
                    return !Directory.Exists(freezer);
                },
                "the freezer's group to be gone");
        }
    }

    private static string Events(int kills) => $"low 0\nhigh 0\nmax 7\noom 9\noom_kill {kills}\noom_group_kill 0\n";

    private ControlGroups Found() => ControlGroups.Find(
        "drover", $"31 30 0:41 / {_fixture.Path} rw - cgroup2 cgroup2 rw", "0::/\n");

    /// <summary>Files where the kernel would have them.</summary>
    private string Fixture(string component)
    {
        var group = Directory.CreateDirectory(Path.Combine(_fixture.Path, "drover", "c." + component)).FullName;
        File.WriteAllText(Path.Combine(_fixture.Path, "drover", "cgroup.procs"), "");
        return group;
    }

    private ProcessBench Bench(ControlGroups groups)
    {
        var bench = new ProcessBench(groups);
        _benches.Add(bench);
        return bench;
    }
}
