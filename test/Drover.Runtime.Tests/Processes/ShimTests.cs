using System.Globalization;
using Drover.Runtime.Processes;
using Drover.Runtime.Tests.Processes.Played;

namespace Drover.Runtime.Tests.Processes;

/// <summary>Another user and other limits, for which the program is started by way of our own executable.</summary>
public sealed class ShimTests : IAsyncDisposable
{
    private readonly ProcessBench _bench = new(shim: PlayedProcess.Shim);

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData("nobody", "uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)")]
    [InlineData("nobody:daemon", "uid=65534(nobody) gid=1(daemon) groups=1(daemon)")]
    [InlineData("12345:54321", "uid=12345 gid=54321 groups=54321")]
    public async Task A_program_runs_as_the_user_it_is_given_with_that_users_groups_only(string user, string expected)
    {
        await ProcessBench.End(_bench.Start(Plain("id") with { User = user }));

        Assert.Equal(expected, await Said());
    }

    [Fact]
    public async Task It_stays_the_process_that_was_started_and_inherits_nothing_of_the_shim()
    {
        using var leak = new InheritableDescriptor();
        var process = _bench.Start(Plain(
            "echo pid $$; n=0; while [ $n -lt 300 ]; do if [ -e /proc/$$/fd/$n ]; then open=\"$open $n\"; fi; "
            + "n=$((n+1)); done; echo open$open; env; grep -E 'Sig(Ign|Blk)' /proc/self/status; exit 6")
            with
        { User = "nobody" });
        var stat = ProcessStat.TryRead(process.Identity.Pid);

        Assert.Equal(new ProcessExit.Code(6), await ProcessBench.End(process));

        Assert.Equal(process.Identity.Pid, await _bench.Pid("pid "));
        Assert.Equal("0 1 2", await _bench.Line("open "));
        Assert.Equal(process.Identity.Pid, stat?.Session);
        var said = await Said();
        Assert.DoesNotContain("DOTNET_", said, StringComparison.Ordinal);
        Assert.Contains(
            $"{LaunchSpec.MarkerVariable}={process.Marker}\n", said, StringComparison.Ordinal);
        // Bits 32 and 33 belong to the C library; SIGPIPE, which the runtime ignores, is bit 13.
        Assert.Equal(0UL, await Mask("SigIgn:") & 0x7FFFFFFF);
        Assert.Equal(0UL, await Mask("SigBlk:") & 0x7FFFFFFF);
    }

    [Fact]
    public async Task Limits_are_what_was_asked_for_also_for_another_user()
    {
        var limits = new ResourceLimits
        {
            OpenFiles = new ResourceLimit(123, 456),
            CoreSize = new ResourceLimit(0, 0),
            LockedMemory = new ResourceLimit(4096, 8192),
        };
        await ProcessBench.End(_bench.Start(
            Plain("cat /proc/self/limits") with { User = "nobody", Limits = limits }));

        Assert.Equal("123                  456                  files", await _bench.Line("Max open files "));
        Assert.Equal("0                    0                    bytes", await _bench.Line("Max core file size "));
        Assert.Equal("4096                 8192                 bytes", await _bench.Line("Max locked memory "));
    }

    [Theory]
    [InlineData(1UL << 30, "nobody")]
    [InlineData(50UL << 20, null)]
    [InlineData(8UL << 20, null)]
    public async Task Memory_is_limited_for_the_program_and_does_not_hinder_its_launch(ulong most, string? user)
    {
        var limits = new ResourceLimits { AddressSpace = new ResourceLimit(most, most) };
        await ProcessBench.End(_bench.Start(
            Plain("grep 'Max address space' /proc/self/limits") with { User = user, Limits = limits }));

        Assert.Equal($"{most,-20} {most,-20} bytes", await _bench.Line("Max address space        "));
    }

    [Fact]
    public void A_program_with_limited_memory_that_cannot_be_executed_says_why_as_any_other()
    {
        var limits = new ResourceLimits { AddressSpace = new ResourceLimit(100 << 20, 100 << 20) };
        var script = _bench.MakeFile("script", "#!/no/such/python3\n", (UnixFileMode)0b111_101_101);

        Assert.Equal(
            $"the interpreter \"/no/such/python3\" that the script \"{script}\" names does not exist",
            _bench.Fail(Plain("") with { Executable = script, Limits = limits }).Why);
    }

    [Fact]
    public void A_limit_that_the_kernel_does_not_give_to_anybody_says_which_it_gives()
    {
        var most = ulong.Parse(File.ReadAllText("/proc/sys/fs/nr_open"), CultureInfo.InvariantCulture);
        var limits = new ResourceLimits { OpenFiles = new ResourceLimit(most + 1, most + 1) };

        Assert.Equal(
            $"its limit \"open_files\" cannot be set to {most + 1}: the kernel allows {most} at most; the sysctl "
                + "fs.nr_open raises that",
            _bench.Fail(Plain("id") with { Limits = limits }).Why);
    }

    [Theory]
    [InlineData("no-such-user", "there is no user \"no-such-user\"")]
    [InlineData("nobody:no-such-group", "there is no group \"no-such-group\"")]
    public void A_user_that_does_not_exist_is_a_failed_launch_and_no_exit(string user, string why) =>
        Assert.Equal(why, _bench.Fail(Plain("id") with { User = user }).Why);

    [Fact]
    public void What_goes_wrong_when_the_shim_becomes_the_program_is_a_failed_launch_too()
    {
        var script = _bench.MakeFile("script", "#!/no/such/python3\n", (UnixFileMode)0b111_101_101);

        Assert.Equal(
            "there is no file \"/no/such/program\"",
            _bench.Fail(Plain("") with { Executable = "/no/such/program", User = "root", Limits = new() }).Why);
        Assert.Equal(
            $"the interpreter \"/no/such/python3\" that the script \"{script}\" names does not exist",
            _bench.Fail(Plain("") with { Executable = script, Limits = new() }).Why);
        Assert.Equal(
            "there is no working directory \"/no/such/place\"",
            _bench.Fail(Plain("") with { WorkingDirectory = "/no/such/place", Limits = new() }).Why);
    }

    [Fact]
    public void The_rights_that_count_are_those_of_the_new_user()
    {
        var own = Directory.CreateDirectory(
            Path.Combine(_bench.Directory, "own"), UnixFileMode.UserRead | UnixFileMode.UserExecute).FullName;

        Assert.Equal(
            $"there is no working directory \"{own}\"",
            _bench.Fail(Plain("id") with { WorkingDirectory = own, User = "nobody" }).Why);
    }

    [Fact]
    public async Task Without_a_shim_a_spec_that_needs_one_is_a_failed_launch()
    {
        await using var plain = new ProcessBench();
        Assert.Equal(
            "there is nothing here to change its user or limits with",
            plain.Fail(plain.Script("id") with { User = "nobody" }).Why);
    }

    private LaunchSpec Plain(string lines) => _bench.Script(lines) with { WorkingDirectory = "/" };

    private async Task<ulong> Mask(string name) =>
        ulong.Parse(await _bench.Line(name), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private async Task<string> Said() =>
        (await File.ReadAllTextAsync(_bench.Log, TestContext.Current.CancellationToken)).TrimEnd('\n');
}
