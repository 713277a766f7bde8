using System.Globalization;
using System.Text.Json;

namespace Drover.EndToEnd;

/// <summary>
/// The supervisor of the published file as process 1, which a container makes of its command: signals whose default the
/// kernel ignores there, orphans that come to it, its exit code, and its end with everything.
/// </summary>
public sealed class ProcessOneTests : IAsyncDisposable
{
    private readonly Machine _machine = new();

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public async Task Signals_end_it_in_order_and_its_exit_code_is_passed_on(string signal)
    {
        var run = await StartAsync(
            "web: { command: [sh, -c, \"trap 'echo stopped; exit 0' TERM; sleep 1000 & wait\"] }");

        run.SignalInner(signal);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.Equal("stopped\n", (await _machine.RunAsync("supervisor", "logs", "web")).MustBe(0).Out);
        Assert.Equal("clean", await PreviousEndAsync());
    }

    [Fact]
    public async Task A_mistake_in_the_file_is_its_exit_code_too()
    {
        _machine.WithConfiguration("supervisor: { components: { web: { comand: a } } }");

        var run = _machine.StartAsProcessOne("supervisor", "run");

        Assert.Equal(8, await run.ExitCodeAsync());
        Assert.Contains("did you mean \"command\"?", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orphans_are_reaped_and_one_that_forked_twice_goes_with_its_component()
    {
        var run = await StartAsync("""
            short: { command: [sh, -c, "for i in 1 2 3 4 5; do (sleep 0.2 &); done; echo begun; exec sleep 1000"] }
                twice: { command: [sh, -c, "(setsid sleep 1001 &); echo begun; exec sleep 1000"] }
            """);
        await _machine.UntilAsync(
            async () => (await _machine.RunAsync("supervisor", "logs", "--all")).Out.Split("| begun").Length == 3,
            "both have forked",
            run);
        var inner = run.Inner() ?? throw new InvalidOperationException("it has ended");

        // Two leaders and the one that escaped from its session; of the short ones not even a zombie.
        await _machine.UntilAsync(
            () => Task.FromResult(Children(inner) is ["sleep", "sleep", "sleep"]), "three are left", run);
        (await _machine.RunAsync("supervisor", "stop", "twice")).MustBe(0);
        Assert.Equal(["sleep"], Children(inner));

        run.SignalInner("TERM");
        Assert.Equal(0, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task An_order_from_outside_the_container_ends_it_and_returns()
    {
        var run = await StartAsync("web: { command: [sleep, \"1000\"] }");

        (await _machine.RunAsync("supervisor", "stop")).MustBe(0);

        Assert.Equal(0, await run.ExitCodeAsync());
    }

    [Fact]
    public async Task A_killed_container_takes_everything_with_it_and_the_next_starts_all_as_after_a_boot()
    {
        const string Components = "once: { command: [sleep, \"1000\"], restart: never }";
        var first = await StartAsync(Components);
        first.SignalInner("KILL");
        Assert.NotEqual(0, await first.ExitCodeAsync());

        await StartAsync(Components);

        Assert.Equal("reboot", await PreviousEndAsync());
        var once = (await StatusAsync()).GetProperty("components")[0];
        Assert.Equal(
            ("running", 2), (once.GetProperty("state").GetString(), once.GetProperty("instance").GetInt32()));
    }

    /// <summary>Starts it and returns when its components run.</summary>
    private async Task<DroverProcess> StartAsync(string components)
    {
        _machine.WithConfiguration($"supervisor:\n  components:\n    {components}\n");
        var run = _machine.StartAsProcessOne("supervisor", "run");
        await run.UntilAsync(one => one.Out.Contains(" keeps ", StringComparison.Ordinal), "the supervisor answers");
        await _machine.UntilAsync(
            async () => (await StatusAsync()).GetProperty("components").EnumerateArray()
                .All(one => one.GetProperty("state").GetString() == "running"),
            "the components run",
            run);
        Assert.Equal(1, (await StatusAsync()).GetProperty("pid").GetInt32());
        return run;
    }

    private async Task<JsonElement> StatusAsync() =>
        (await _machine.RunAsync("supervisor", "status", "-o", "json")).MustBe(0).Json;

    /// <summary>How the next start says that the last run ended.</summary>
    private async Task<string?> PreviousEndAsync()
    {
        var isUp = (await _machine.RunAsync("supervisor", "status")).Code == 0;
        var run = isUp ? null : _machine.StartAsProcessOne("supervisor", "run");
        await (run?.UntilAsync(one => one.Out.Contains(" keeps ", StringComparison.Ordinal), "it answers")
            ?? Task.CompletedTask);
        return (await StatusAsync()).GetProperty("previous_end").GetString();
    }

    /// <summary>The names of a process's children, in the order of their numbers; a zombie's too.</summary>
    private static string[] Children(int parent) =>
    [
        .. Directory.GetDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var pid) ? pid : 0)
            .Where(pid => pid > 0)
            .Order()
            .Select(StatOf)
            .Where(one => one?.Parent == parent)
            .Select(one => one!.Value.State == 'Z' ? "a zombie" : one.Value.Name),
    ];

    /// <summary>Format: proc_pid_stat(5).</summary>
    private static (string Name, char State, int Parent)? StatOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var (open, close) = (stat.IndexOf('(', StringComparison.Ordinal), stat.LastIndexOf(')'));
            var rest = stat[(close + 2)..].Split(' ');
            return (stat[(open + 1)..close], rest[0][0], int.Parse(rest[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
