using System.Text;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes;

/// <summary>What is read out of texts and bytes of the system, without a process.</summary>
public sealed class TextTests
{
    private const string Rest =
        " S 41 42 43 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 5 0 987654 1 2 18446744073709551615 1 1 0 0 0 0 0 4096 0 0 0 "
        + "0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 9\n";

    [Theory]
    [InlineData("sleep")]
    [InlineData("a) R 1 1 (b")]
    [InlineData(") Z")]
    [InlineData("two words")]
    public void A_stat_line_is_read_after_the_last_bracket_whatever_the_command_is(string command)
    {
        var stat = ProcessStat.TryParse(Encoding.UTF8.GetBytes($"40 ({command}){Rest}"));

        Assert.Equal(new ProcessStat(40, command, 'S', 41, 42, 43, 5, 987654, 9), stat);
    }

    [Fact]
    public void A_stat_line_that_is_cut_before_the_start_time_is_no_stat_line()
    {
        var line = Encoding.UTF8.GetBytes($"40 (x){Rest}");
        var needed = Encoding.UTF8.GetString(line).IndexOf(" 987654", StringComparison.Ordinal);
        for (var length = 0; length <= needed; length++)
        {
            Assert.Null(ProcessStat.TryParse(line.AsSpan(0, length)));
        }
    }

    [Theory]
    [InlineData('Z', 1, true)]
    [InlineData('X', 0, true)]
    [InlineData('Z', 4, false)]
    [InlineData('D', 1, false)]
    [InlineData('T', 1, false)]
    public void A_zombie_is_dead_unless_other_threads_of_it_run(char state, int threads, bool isDead) =>
        Assert.Equal(isDead, new ProcessStat(1, "x", state, 1, 1, 1, threads, 1, 0).IsDead);

    [Theory]
    [InlineData("SIGTERM", 15)]
    [InlineData("term", 15)]
    [InlineData("15", 15)]
    [InlineData("SIGRTMIN", 34)]
    [InlineData("RTMIN+3", 37)]
    [InlineData("SIGSYS", 31)]
    public void A_signal_is_read_as_people_write_it(string text, int number)
    {
        Assert.True(ProcessSignal.TryParse(text, out var signal));
        Assert.Equal(number, signal.Number);
        Assert.True(ProcessSignal.TryParse(signal.Name, out var again));
        Assert.Equal(signal, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("SIG")]
    [InlineData("SIGNOPE")]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-9")]
    [InlineData("RTMIN+31")]
    [InlineData("RTMIN-1")]
    public void What_is_no_signal_is_refused(string text) => Assert.False(ProcessSignal.TryParse(text, out _));

    [Theory]
    [InlineData(1, "./api: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./api)")]
    [InlineData(127, "./api: error while loading shared libraries: libssl.so.3: cannot open shared object file: No")]
    [InlineData(127, "./api: symbol lookup error: ./api: undefined symbol: frobnicate")]
    [InlineData(127, "Error loading shared library libssl.so.3: No such file or directory (needed by ./api)")]
    [InlineData(127, "Error relocating ./api: frobnicate: symbol not found")]
    public void What_a_loader_says_before_the_program_ran_is_recognised(int code, string line) =>
        Assert.Equal(line, LoaderErrors.Find(new ProcessExit.Code(code), ["starting", line + " ", "bye"]));

    [Fact]
    public void The_same_words_from_a_program_that_ran_are_no_loader_error()
    {
        string[] lines = ["x: error while loading shared libraries: libssl.so.3: cannot open"];
        Assert.Null(LoaderErrors.Find(new ProcessExit.Code(0), lines));
        Assert.Null(LoaderErrors.Find(new ProcessExit.Code(3), lines));
        Assert.Null(LoaderErrors.Find(new ProcessExit.BySignal("SIGSEGV", false), lines));
        Assert.Null(LoaderErrors.Find(new ProcessExit.Code(127), ["sh: 1: nope: not found", "version `x' is old"]));
    }

    [Fact]
    public void The_marker_is_found_wherever_it_stands_and_only_as_a_whole_name()
    {
        Assert.Equal("a/b/1", ProcessMarker.Find("DROVER_COMPONENT_INSTANCE=a/b/1\0X=1\0"u8));
        Assert.Equal("a", ProcessMarker.Find("X=1\0DROVER_COMPONENT_INSTANCE=a"u8));
        Assert.Null(ProcessMarker.Find("X=DROVER_COMPONENT_INSTANCE=a\0"u8));
        Assert.Null(ProcessMarker.Find("DROVER_COMPONENT_INSTANCE_OLD=a\0"u8));
        Assert.Null(ProcessMarker.Find(default));
    }

    [Theory]
    [InlineData("31 30 0:41 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw", "9:name=systemd:/\n0::/\n",
        "/sys/fs/cgroup/unified")]
    [InlineData("31 30 0:41 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw", "0::/system.slice/drover.service\n",
        "/sys/fs/cgroup/system.slice/drover.service")]
    [InlineData("31 30 0:41 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup rw", "0::/docker/1/below\n",
        "/sys/fs/cgroup/below")]
    [InlineData("31 30 0:41 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory", "4:memory:/\n", null)]
    public void Our_own_control_group_is_found_on_pure_and_hybrid_machines(
        string mounts, string membership, string? path) =>
        Assert.Equal(path, ControlGroups.OwnGroup(mounts, membership));
}
