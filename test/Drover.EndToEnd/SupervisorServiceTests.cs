using System.Diagnostics;
using System.Globalization;

namespace Drover.EndToEnd;

/// <summary>The supervisor of the published file under a service manager: what it says, which signals it
/// takes.</summary>
public sealed class SupervisorServiceTests : IAsyncDisposable
{
    private const string Components = """
        supervisor:
          components:
            web: { command: [sh, -c, "exec sleep 1000"], stop: { grace: 20s } }
        """;

    private readonly Machine _machine = new Machine().WithConfiguration(Components);
    private readonly List<FakeServiceManager> _managers = [];

    public async ValueTask DisposeAsync()
    {
        _managers.ForEach(manager => manager.Dispose());
        await _machine.WithConfiguration(Components).RunAsync("supervisor", "stop");
        await _machine.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_says_that_it_is_ready_when_it_can_be_asked_and_then_what_its_components_do(bool isAbstract)
    {
        var (manager, _) = Run(isAbstract);

        Assert.StartsWith(
            "READY=1\nSTATUS=1 component: ", await manager.UntilAsync("READY=1"), StringComparison.Ordinal);
        (await _machine.RunAsync("supervisor", "status")).MustBe(0);
        await manager.UntilAsync("STATUS=1 component: 1 running");
        Assert.Equal(1, manager.Count("READY=1"));
    }

    [Fact]
    public async Task One_that_cannot_start_says_why_and_never_that_it_is_ready()
    {
        var (first, _) = Run();
        await first.UntilAsync("READY=1");
        var (second, run) = Run();

        Assert.Equal(9, await run.ExitCodeAsync());

        Assert.Equal(0, second.Count("READY=1"));
        await second.UntilAsync("STATUS=cannot start a second supervisor on ");
    }

    [Fact]
    public async Task A_hang_up_reads_the_file_again_and_says_so_and_a_broken_file_changes_nothing()
    {
        var (manager, run) = Run();
        await manager.UntilAsync("STATUS=1 component: 1 running");
        var before = await PidAsync("web");
        _machine.WithConfiguration(Components + "\n    late: { command: [sleep, \"1000\"] }\n");
        var earliest = Stopwatch.GetTimestamp();
        run.Signal("HUP");

        var reloading = await manager.UntilAsync("RELOADING=1");
        var instant = long.Parse(reloading.Split("MONOTONIC_USEC=")[1], CultureInfo.InvariantCulture);
        Assert.InRange(instant, Microseconds(earliest), Microseconds(Stopwatch.GetTimestamp()));
        await manager.UntilAsync(() => manager.Count("READY=1") == 2, "the second READY=1");
        await manager.UntilAsync("STATUS=2 components: 2 running");

        _machine.WithConfiguration("supervisor:\n  components:\n    web: { comand: a }\n");
        run.Signal("HUP");
        await manager.UntilAsync(() => manager.Count("READY=1") == 3, "the third READY=1");
        Assert.Equal(2, manager.Heard.Count(one => one.StartsWith("RELOADING=1\n", StringComparison.Ordinal)));
        Assert.EndsWith(
            "; nothing was changed",
            manager.Heard.Last(one => one.StartsWith("READY=1\n", StringComparison.Ordinal)),
            StringComparison.Ordinal);
        await run.UntilAsync(
            one => one.Error.Contains("did you mean \"command\"?", StringComparison.Ordinal), "the sentence");
        Assert.Equal(before, await PidAsync("web"));
        _ = await PidAsync("late");
    }

    [Fact]
    public async Task A_hang_up_in_the_middle_of_the_start_does_not_end_it()
    {
        // The start waits at the record of the last run, which is a pipe here.
        var own = Directory.CreateDirectory(
            Path.Combine(_machine.Data, "supervisor"), UnixFileMode.UserRead | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute);
        File.SetUnixFileMode(_machine.Data, own.UnixFileMode);
        var record = Path.Combine(own.FullName, "run.json");
        using (var made = Process.Start("mkfifo", [record]))
        {
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var (manager, run) = Run();
        await run.UntilAsync(_ => File.Exists(Path.Combine(own.FullName, "lock")), "it has begun");
        run.Signal("HUP");
        await File.WriteAllTextAsync(record, "{", TestContext.Current.CancellationToken);

        await manager.UntilAsync("STATUS=1 component: 1 running");
        Assert.False(run.HasExited);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    [InlineData("QUIT")]
    public async Task A_signal_stops_the_components_and_ends_it_with_0(string signal)
    {
        var (manager, run) = Run();
        await manager.UntilAsync("STATUS=1 component: 1 running");
        var pid = await PidAsync("web");

        run.Signal(signal);

        Assert.Equal(0, await run.ExitCodeAsync());
        Assert.False(Directory.Exists($"/proc/{pid}"));
        Assert.Contains(
            "EXTEND_TIMEOUT_USEC=30000000", await manager.UntilAsync("STOPPING=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_signal_ends_it_at_once_and_the_next_start_takes_the_component_over()
    {
        _machine.WithConfiguration(
            "supervisor: { components: { web: { command: [sh, -c, \"trap '' TERM; while :; do sleep 0.1; done\"], "
            + "stop: { grace: 60s } } } }");
        var (manager, run) = Run();
        await manager.UntilAsync("STATUS=1 component: 1 running");
        var pid = await PidAsync("web");
        run.Signal("TERM");
        await manager.UntilAsync("STOPPING=1");
        await manager.UntilAsync("STATUS=1 component: 1 stopping (web)");

        run.Signal("TERM");

        Assert.Equal(128 + 15, await run.ExitCodeAsync());
        Assert.True(Directory.Exists($"/proc/{pid}"));
        var (next, _) = Run();
        await next.UntilAsync("READY=1");
        await _machine.RunAsync("supervisor", "stop", "--wait", "0");
        Process.GetProcessById(pid).Kill();
    }

    [Fact]
    public async Task Started_in_the_background_the_manager_is_told_which_process_is_the_service_and_hears_that_one()
    {
        var manager = Manager();
        var start = await _machine.RunAsync(
            [("NOTIFY_SOCKET", manager.Address), ("WATCHDOG_USEC", "400000")], "supervisor", "start", "--wait", "30s");
        start.MustBe(0);

        var daemon = (await _machine.RunAsync("supervisor", "status", "-o", "json")).MustBe(0).Json
            .GetProperty("pid").GetInt32();
        Assert.Equal($"MAINPID={daemon}\nREADY=1", await manager.UntilAsync("MAINPID="));
        Assert.Equal(1, manager.Count("READY=1"));
        await manager.UntilAsync("WATCHDOG=1");
        (await _machine.RunAsync("supervisor", "stop")).MustBe(0);
        await manager.UntilAsync("STOPPING=1");
    }

    private static long Microseconds(long timestamp) => timestamp / (Stopwatch.Frequency / 1_000_000);

    private (FakeServiceManager Manager, DroverProcess Run) Run(bool isAbstract = false)
    {
        var manager = Manager(isAbstract);
        return (manager, _machine.Start([("NOTIFY_SOCKET", manager.Address)], "supervisor", "run"));
    }

    private FakeServiceManager Manager(bool isAbstract = false)
    {
        var manager = new FakeServiceManager(isAbstract ? null : _machine.Folder);
        _managers.Add(manager);
        return manager;
    }

    private async Task<int> PidAsync(string component)
    {
        var status = (await _machine.RunAsync("supervisor", "status", "-o", "json")).MustBe(0).Json;
        return status.GetProperty("components").EnumerateArray()
            .Single(one => one.GetProperty("name").GetString() == component)
            .GetProperty("pid").GetInt32();
    }
}
