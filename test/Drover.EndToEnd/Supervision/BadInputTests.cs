using System.Diagnostics;
using System.Text.RegularExpressions;
using Drover.Testing.Agents;

namespace Drover.EndToEnd.Supervision;

/// <summary>What a person is told on a bad day: what is wrong, and what to do.</summary>
public sealed class BadInputTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private const string Quiet = "web: { command: [sleep, \"1000\"] }";

    [Theory]
    [InlineData("    web: { command: a,\n", "drover.yaml:4:1: cannot read the file as YAML: ")]
    [InlineData(
        "    web: { comand: a }\n",
        "drover.yaml:3:12: unknown key \"supervisor.components.web.comand\"; did you mean \"command\"?")]
    [InlineData(
        "    web: { command: a, depends_on: [api] }\n    api: { command: a, depends_on: [db] }\n"
            + "    db: { command: a, depends_on: [web] }\n",
        "the components wait for one another: web -> api -> db -> web")]
    [InlineData(
        "    web: { command: a, depends_on: [ap] }\n    api: { command: a }\n",
        "there is no component \"ap\"; did you mean \"api\"?")]
    public async Task A_file_that_cannot_be_read_starts_nothing_and_says_where(string components, string expected)
    {
        await using var machine = new SupervisedMachine(Quiet);
        machine.WriteFile("supervisor:\n  components:\n" + components);

        var start = (await machine.RunAsync("supervisor", "start")).MustBe(8);

        Assert.StartsWith("drover: cannot use the configuration", start.Error, StringComparison.Ordinal);
        Assert.Contains(expected, start.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(machine.Data));
    }

    [Theory]
    [InlineData("command: [/no/such/program]", "there is no file \"/no/such/program\"")]
    [InlineData("command: [no-such-program]", "there is no file \"no-such-program\" in its PATH (")]
    [InlineData("command: [./plain]", "plain\" is not executable; make it so with chmod +x")]
    [InlineData("command: [./text]", "text\" is neither a program for this machine nor a script that begins with #!")]
    [InlineData("command: [\"true\"], user: nobody-at-all", "\"true\": there is no user \"nobody-at-all\"")]
    [InlineData(
        "command: [\"true\"], working_directory: /no/such/place",
        "\"true\": there is no working directory \"/no/such/place\"")]
    [InlineData(
        "command: [\"true\"], env_file: /no/such/file",
        "cannot read the environment file \"/no/such/file\": there is no such file")]
    public async Task What_cannot_be_started_is_told_with_what_to_do(string component, string why)
    {
        await using var machine = new SupervisedMachine($"web: {{ {component} }}");
        await File.WriteAllTextAsync(Path.Combine(machine.Folder, "plain"), "#!/bin/sh\n", Token);
        await File.WriteAllTextAsync(Path.Combine(machine.Folder, "text"), "echo up\n", Token);
        File.SetUnixFileMode(
            Path.Combine(machine.Folder, "text"), UnixFileMode.UserRead | UnixFileMode.UserExecute);

        var start = (await machine.RunAsync("supervisor", "start", "--wait", "1s")).MustBe(7);

        Assert.StartsWith("web: ↻ Backoff: could not be started: ", start.Out, StringComparison.Ordinal);
        Assert.Contains(why, start.Out, StringComparison.Ordinal);
        var status = (await machine.RunAsync("supervisor", "status")).MustBe(0).Out;
        Assert.Matches($"Last Error: +could not be started: .*{Regex.Escape(why)}", status);
    }

    [Fact]
    public async Task A_second_supervisor_of_a_directory_is_refused_and_says_who_runs()
    {
        await using var machine = new SupervisedMachine(Quiet);
        (await machine.StartAsync()).MustBe(0);
        var pid = await machine.PidAsync();

        var second = await machine.RunAsync("supervisor", "run");

        Assert.Equal(9, second.Code);
        Assert.Contains($"process {pid} runs one there", second.Error, StringComparison.Ordinal);
        Assert.Contains("DROVER_DATA_DIR", second.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_socket_and_a_lock_left_behind_by_a_kill_are_harmless()
    {
        await using var machine = new SupervisedMachine(Quiet);
        (await machine.StartAsync()).MustBe(0);
        var before = SupervisedMachine.Text(await machine.StatusAsync("web"), "pid");
        using (var supervisor = Process.GetProcessById(await machine.PidAsync()))
        {
            supervisor.Kill();
        }

        await machine.UntilDeadAsync();
        var rest = await machine.RunAsync("supervisor", "status");
        Assert.Contains("? Running", rest.Out, StringComparison.Ordinal);
        Assert.Contains("`drover supervisor start` starts one", rest.Error, StringComparison.Ordinal);

        (await machine.StartAsync()).MustBe(0);
        Assert.Equal(before, SupervisedMachine.Text(await machine.StatusAsync("web"), "pid"));
        Assert.Equal("crash", SupervisedMachine.Text(await machine.StatusAsync(), "previous_end"));
    }

    [Fact]
    public async Task An_unknown_component_is_refused_by_every_verb_with_the_nearest_name()
    {
        await using var machine = new SupervisedMachine(Quiet);
        (await machine.StartAsync()).MustBe(0);
        foreach (var verb in new[] { "start", "stop", "restart", "logs", "history", "explain" })
        {
            var refusal = (await machine.RunAsync("supervisor", verb, "wbe")).MustBeRefused();
            Assert.Matches("cannot find (the )?component \"wbe\": there is none", refusal);
            Assert.Contains("did you mean \"web\"?", refusal, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task On_a_full_disk_a_start_is_refused_in_words()
    {
        using var disk = new SmallDisk(megabytes: 1);
        await using var machine = new SupervisedMachine(Quiet, Path.Combine(disk.Path, "data"));
        disk.Fill();

        var start = await machine.RunAsync("supervisor", "start");

        Assert.NotEqual(0, start.Code);
        Assert.Contains("the disk is full; free some space", start.Error, StringComparison.Ordinal);
        disk.Free();
        (await machine.StartAsync()).MustBe(0);
    }

    [Fact]
    public async Task Lines_without_end_and_bytes_that_are_no_text_are_shown()
    {
        await using var machine = new SupervisedMachine(
            "web: { command: [sh, -c, \"printf 'caf\\\\351 \\\\377\\\\n'; head -c 1500000 /dev/zero | tr '\\\\0' x; "
            + "echo; echo end; exec sleep 1000\"] }");
        (await machine.StartAsync()).MustBe(0);
        await machine.UntilAsync(
            async () => (await machine.RunAsync("supervisor", "logs", "web", "-n", "1")).Out == "end\n",
            "the last line");

        var lines = (await machine.RunAsync("supervisor", "logs", "web")).MustBe(0).Out.Split('\n');

        Assert.Equal("caf\ufffd \ufffd", lines[0]);
        Assert.Equal(new string('x', 1_500_000), string.Concat(lines[1..^2]));
        Assert.Equal("end", lines[^2]);
    }
}
