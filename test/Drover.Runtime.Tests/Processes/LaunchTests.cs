using System.Globalization;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes;

public sealed class LaunchTests : IAsyncDisposable
{
    private readonly ProcessBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(255)]
    public async Task The_exit_code_is_what_the_program_left(int code)
    {
        var exit = await ProcessBench.End(_bench.Sh($"exit {code}"));
        Assert.Equal(new ProcessExit.Code(code), exit);
    }

    [Theory]
    [InlineData("TERM", "SIGTERM")]
    [InlineData("KILL", "SIGKILL")]
    [InlineData("USR1", "SIGUSR1")]
    public async Task A_signal_that_ends_the_program_is_named(string sent, string name)
    {
        var exit = await ProcessBench.End(_bench.Sh($"kill -{sent} $$"));
        Assert.Equal(new ProcessExit.BySignal(name, CoreDumped: false), exit);
    }

    [Fact]
    public async Task The_child_has_its_own_session_and_group_and_is_no_part_of_ours()
    {
        var process = _bench.Sh("sleep 60");
        var stat = ProcessStat.TryRead(process.Identity.Pid)!.Value;

        Assert.Equal(process.Identity.Pid, stat.Session);
        Assert.Equal(process.Identity.Pid, stat.Group);
        Assert.NotEqual(ProcessStat.TryRead(Environment.ProcessId)!.Value.Session, stat.Session);
        Assert.Equal(Environment.ProcessId, stat.Parent);
        Assert.Equal(ProcessIdentity.CurrentBootId, process.Identity.BootId);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task No_descriptor_but_the_three_standard_ones_reaches_the_child()
    {
        // A descriptor that this process was started with is not closed on exec; nor is this one.
        using var leak = new InheritableDescriptor();

        Assert.Equal("0 1 2", await _bench.Say(
            "n=0; while [ $n -lt 300 ]; do if [ -e /proc/$$/fd/$n ]; then open=\"$open$n \"; fi; n=$((n+1)); done; "
            + "echo $open"));
    }

    [Fact]
    public void Where_the_C_library_cannot_close_a_range_the_descriptors_to_close_are_found_one_by_one()
    {
        using var leak = new InheritableDescriptor();

        var found = SpawnCall.OpenDescriptors(3);

        Assert.Contains(leak.Number, found);
        Assert.DoesNotContain(found, descriptor => descriptor < 3);
    }

    [Fact]
    public async Task Signals_are_as_in_a_new_login_although_the_runtime_ignores_the_broken_pipe()
    {
        var text = await _bench.Say("grep -E 'Sig(Blk|Ign)' /proc/self/status");
        var masks = text.Split('\n').ToDictionary(
            line => line.Split(':')[0],
            line => ulong.Parse(line.Split('\t')[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));

        // Bits 32 and 33 belong to the C library.
        const ulong Ordinary = 0x7FFFFFFF;
        Assert.Equal(0UL, masks["SigIgn"] & Ordinary);
        Assert.Equal(0UL, masks["SigBlk"] & Ordinary);
    }

    [Fact]
    public async Task The_environment_is_what_was_given_and_nothing_of_ours()
    {
        var spec = ProcessBench.Spec("/usr/bin/env") with
        {
            Environment = new Dictionary<string, string> { ["PATH"] = "/nowhere", ["GREETING"] = "a=b ü\nc" },
            Marker = "daemon/api/7",
            OutputPath = _bench.Log,
        };
        await ProcessBench.End(_bench.Start(spec));

        Assert.Equal(
            "DROVER_COMPONENT_INSTANCE=daemon/api/7\nPATH=/nowhere\nGREETING=a=b ü\nc\n",
            await File.ReadAllTextAsync(_bench.Log, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_command_is_looked_up_in_the_childs_own_path_and_keeps_the_name_it_was_called_by()
    {
        _bench.MakeFile("greet", "#!/bin/sh\necho hello from $0 with $1\n", (UnixFileMode)0b111_101_101);
        var spec = ProcessBench.Spec("greet", "one argument") with
        {
            Environment = new Dictionary<string, string> { ["PATH"] = $"/nowhere:{_bench.Directory}" },
            OutputPath = _bench.Log,
        };

        await ProcessBench.End(_bench.Start(spec));

        Assert.Equal($"{_bench.Directory}/greet with one argument", await _bench.Line("hello from "));
    }

    [Fact]
    public async Task A_path_with_a_slash_counts_from_the_childs_working_directory()
    {
        _bench.MakeFile("greet", "#!/bin/sh\npwd\n", (UnixFileMode)0b111_101_101);
        var spec = _bench.Script("") with { Executable = "./greet", Arguments = [] };

        await ProcessBench.End(_bench.Start(spec));

        Assert.Equal("", await _bench.Line(_bench.Directory));
    }

    [Fact]
    public async Task Both_outputs_are_appended_to_one_file_in_the_order_in_which_they_were_written()
    {
        await File.WriteAllTextAsync(_bench.Log, "before\n", TestContext.Current.CancellationToken);

        Assert.Equal(
            "before\none\ntwo\nthree\nfour",
            await _bench.Say("echo one; echo two >&2; echo three; echo four >&2"));
    }

    [Fact]
    public async Task A_log_file_is_made_for_its_owner_and_group_and_for_nobody_else()
    {
        await ProcessBench.End(_bench.Sh("echo"));

        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_bench.Log)
            & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.GroupWrite | UnixFileMode.UserExecute));
    }

    [Fact]
    public async Task Output_goes_to_an_open_descriptor_where_one_is_given_and_the_caller_keeps_it()
    {
        using (var handle = File.OpenHandle(_bench.Log, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite))
        {
            var spec = ProcessBench.Spec("sh", "-c", "echo one; echo two >&2") with { Output = handle };
            await ProcessBench.End(_bench.Start(spec));
            Assert.False(handle.IsClosed);
        }

        Assert.Equal(
            "one\ntwo\n", await File.ReadAllTextAsync(_bench.Log, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Standard_input_is_at_its_end_from_the_start() =>
        Assert.Equal("read nothing", await _bench.Say("read line || echo read nothing"));
}
