using System.Text;
using Drover.Runtime.Processes;

namespace Drover.Runtime.Tests.Processes;

/// <summary>Every way not to start is a sentence that names the thing, and never an exit.</summary>
public sealed class FailedLaunchTests : IAsyncDisposable
{
    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const UnixFileMode Plain = (UnixFileMode)0b110_100_100;

    private readonly ProcessBench _bench = new();

    public ValueTask DisposeAsync() => _bench.DisposeAsync();

    [Fact]
    public void A_missing_file_is_named()
    {
        var failed = _bench.Fail(ProcessBench.Spec("/no/such/program"));
        Assert.Equal(
            "cannot start \"/no/such/program\": there is no file \"/no/such/program\"", failed.Sentence);
        Assert.False(failed.IsLoader);
    }

    [Fact]
    public void A_missing_command_says_where_it_was_looked_for() => Assert.Equal(
        "there is no file \"no-such-command\" in its PATH (/usr/bin:/bin:/usr/sbin:/sbin)",
        _bench.Fail(ProcessBench.Spec("no-such-command")).Why);

    [Fact]
    public void A_file_that_is_not_executable_says_how_to_make_it_so()
    {
        var path = _bench.MakeFile("plain", "#!/bin/sh\n", Plain);
        Assert.Equal(
            $"\"{path}\" is not executable; make it so with chmod +x", _bench.Fail(ProcessBench.Spec(path)).Why);
        var found = ProcessBench.Spec("plain") with
        {
            Environment = new Dictionary<string, string> { ["PATH"] = _bench.Directory },
        };
        Assert.Equal($"\"{path}\" is not executable; make it so with chmod +x", _bench.Fail(found).Why);
    }

    [Fact]
    public void A_directory_is_no_program() => Assert.Equal(
        $"\"{_bench.Directory}\" is a directory", _bench.Fail(ProcessBench.Spec(_bench.Directory)).Why);

    [Fact]
    public void A_path_through_a_file_is_told_apart()
    {
        var path = _bench.MakeFile("plain", "", Plain) + "/program";
        Assert.Equal(
            $"a part of the path \"{path}\" is not a directory", _bench.Fail(ProcessBench.Spec(path)).Why);
    }

    [Fact]
    public void A_script_whose_interpreter_is_missing_names_the_interpreter()
    {
        var path = _bench.MakeFile("script", "#!/no/such/python3 -u\n", Executable);
        var failed = _bench.Fail(ProcessBench.Spec(path));
        Assert.Equal(
            $"the interpreter \"/no/such/python3\" that the script \"{path}\" names does not exist", failed.Why);
        Assert.False(failed.IsLoader);
    }

    [Fact]
    public async Task A_program_whose_loader_is_missing_names_the_loader_and_counts_as_a_loader_error()
    {
        var code = await File.ReadAllBytesAsync("/bin/true", TestContext.Current.CancellationToken);
        var loader = ((ProgramFile.Elf)ProgramFile.Parse(code.AsSpan(0, 4096))).Loader!;
        var absent = "/no" + loader[3..];
        var at = code.AsSpan().IndexOf(Encoding.ASCII.GetBytes(loader));
        Encoding.ASCII.GetBytes(absent).CopyTo(code, at);
        var path = Path.Combine(_bench.Directory, "built-elsewhere");
        await File.WriteAllBytesAsync(path, code, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, Executable);

        var failed = _bench.Fail(ProcessBench.Spec(path));

        Assert.Equal($"the loader \"{absent}\" that \"{path}\" was built for does not exist", failed.Why);
        Assert.True(failed.IsLoader);
    }

    [Fact]
    public async Task A_program_for_another_machine_says_which()
    {
        var code = await File.ReadAllBytesAsync("/bin/true", TestContext.Current.CancellationToken);
        (code[18], code[19]) = (243, 0);
        var path = Path.Combine(_bench.Directory, "foreign");
        await File.WriteAllBytesAsync(path, code, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(path, Executable);

        Assert.StartsWith(
            $"\"{path}\" is a program for riscv and this machine is ",
            _bench.Fail(ProcessBench.Spec(path)).Why,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "\"{0}\" is empty")]
    [InlineData("echo hello\n", "\"{0}\" is neither a program for this machine nor a script that begins with #!")]
    public void A_file_that_is_no_program_says_so(string content, string sentence)
    {
        var path = _bench.MakeFile("text", content, Executable);
        Assert.Equal(string.Format(sentence, path), _bench.Fail(ProcessBench.Spec(path)).Why);
    }

    [Fact]
    public void A_program_that_is_being_written_says_so()
    {
        var path = _bench.MakeFile("written", "#!/bin/sh\n", Executable);
        using var writer = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        Assert.Equal($"\"{path}\" is being written by another process", _bench.Fail(ProcessBench.Spec(path)).Why);
    }

    [Fact]
    public void A_missing_working_directory_is_named_and_not_the_program()
    {
        var spec = ProcessBench.Spec("true") with { WorkingDirectory = "/no/such/place" };
        Assert.Equal("there is no working directory \"/no/such/place\"", _bench.Fail(spec).Why);
        var file = _bench.MakeFile("plain", "", Plain);
        Assert.Equal(
            $"its working directory \"{file}\" is a file", _bench.Fail(spec with { WorkingDirectory = file }).Why);
    }

    [Fact]
    public void A_log_file_that_cannot_be_opened_is_named_with_the_reason()
    {
        var spec = ProcessBench.Spec("true") with { OutputPath = "/no/such/place/out.log" };
        Assert.Equal(
            "its log file \"/no/such/place/out.log\" cannot be opened: no such file or directory",
            _bench.Fail(spec).Why);
    }

    [Fact]
    public void Arguments_that_the_kernel_does_not_take_are_a_failure() => Assert.Equal(
        "its arguments and environment are longer than the kernel takes",
        _bench.Fail(ProcessBench.Spec("true", new string('x', 200_000))).Why);

    [Fact]
    public void What_would_be_cut_in_silence_is_refused()
    {
        Assert.Equal(
            "a zero character is in its command or its environment",
            _bench.Fail(ProcessBench.Spec("true", "a\0b")).Why);
        var spec = ProcessBench.Spec("true") with
        {
            Environment = new Dictionary<string, string> { ["A=B"] = "c" },
        };
        Assert.Equal("\"A=B\" cannot be the name of a variable", _bench.Fail(spec).Why);
    }
}
