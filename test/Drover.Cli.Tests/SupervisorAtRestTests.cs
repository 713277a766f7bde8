using Drover.Runtime.Files;
using Drover.Supervisor.Control;
using Drover.Supervisor.State;
using Microsoft.Extensions.Logging.Abstractions;

namespace Drover.Cli.Tests;

/// <summary>What the verbs of the supervisor say when none runs, and from which directory they are asked.</summary>
public sealed class SupervisorAtRestTests : IDisposable
{
    private const string Components = """
        supervisor:
          components:
            web: { command: [sleep, "1000"] }
            temporal: { external: "localhost:7233" }

        """;

    private readonly SupervisorFile _file = new(Components);

    private string Data => Path.Combine(_file.Directory, "data");

    private string Own => Path.Combine(Data, "supervisor");

    [Fact]
    public async Task History_is_shown_when_no_supervisor_runs()
    {
        Remember("web", "exited with code 7");
        Remember("gone", "was ended by SIGKILL");
        var run = Run();

        Assert.Equal(ExitCode.Ok, await run.RunAsync("--config", _file.Path, "supervisor", "history"));

        Assert.Contains("exited with code 7", run.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("was ended by SIGKILL", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_of_one_component_is_shown_also_when_the_file_does_not_name_it_any_more()
    {
        Remember("web", "exited with code 7");
        Remember("gone", "was ended by SIGKILL");
        var run = Run();

        Assert.Equal(ExitCode.Ok, await run.RunAsync("--config", _file.Path, "supervisor", "history", "gone"));

        Assert.DoesNotContain("exited with code 7", run.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("was ended by SIGKILL", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task History_of_what_there_never_was_is_refused_with_the_nearest_name()
    {
        var run = Run();

        Assert.Equal(ExitCode.NotFound, await run.RunAsync("--config", _file.Path, "supervisor", "history", "wep"));
        Assert.Contains("did you mean \"web\"?", run.Error.ToString(), StringComparison.Ordinal);

        Assert.Equal(ExitCode.Ok, await run.RunAsync("--config", _file.Path, "supervisor", "history", "web"));
        Assert.Contains("No instance of web has ended yet.", run.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_a_supervisor_that_holds_the_directory_and_does_not_answer_it_is_said_that_it_starts_or_ends()
    {
        Remember("web", "exited with code 7");
        using var held = FileLock.Acquire(Path.Combine(Own, "lock"));

        foreach (var verb in new[] { "history", "status" })
        {
            var run = Run();
            Assert.Equal(ExitCode.NotReachable, await run.RunAsync("--config", _file.Path, "supervisor", verb));
            Assert.Contains("it starts or ends just now", run.Error.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Who_asks_from_another_directory_sees_the_components_the_supervisor_was_started_with()
    {
        Directory.CreateDirectory(Own);
        RunStore.Begin(Path.Combine(Own, "run.json"), "boot", 7, DateTimeOffset.UnixEpoch, _file.Path);
        Assert.False(File.Exists("drover.yaml"), "the directory of the tests has no file of its own");

        var status = Run();
        Assert.Equal(ExitCode.NotReachable, await status.RunAsync("supervisor", "status"));
        Assert.Contains("Web:\n  Status:   ○ Stopped", status.Out.ToString(), StringComparison.Ordinal);
        Assert.Contains("Temporal:\n  Status:   ? Not watched", status.Out.ToString(), StringComparison.Ordinal);

        var logs = Run();
        Assert.Equal(ExitCode.Ok, await logs.RunAsync("supervisor", "logs", "web"));
        Assert.Contains("web has written nothing yet.", logs.Error.ToString(), StringComparison.Ordinal);

        var explained = Run();
        Assert.Equal(ExitCode.Ok, await explained.RunAsync("supervisor", "explain", "web"));
        Assert.StartsWith("Web (web)\n", explained.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_named_is_the_one_that_counts()
    {
        using var other = new SupervisorFile("supervisor:\n  components:\n    other: { command: [a] }\n");
        Directory.CreateDirectory(Own);
        RunStore.Begin(Path.Combine(Own, "run.json"), "boot", 7, DateTimeOffset.UnixEpoch, _file.Path);
        var run = Run();

        await run.RunAsync("--config", other.Path, "supervisor", "status");

        Assert.Contains("Other:\n", run.Out.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Web:\n", run.Out.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_log_of_what_is_only_watched_is_kept_elsewhere()
    {
        var run = Run();

        Assert.Equal(ExitCode.NotFound, await run.RunAsync("--config", _file.Path, "supervisor", "logs", "temporal"));
        Assert.Contains(
            "cannot show the log of \"temporal\": localhost:7233 is only watched",
            run.Error.ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_supervisor_of_nothing_is_not_started()
    {
        using var empty = new SupervisorFile("server:\n  listen: 127.0.0.1:7780\n");
        var run = Run();

        Assert.Equal(ExitCode.ConfigInvalid, await run.RunAsync("--config", empty.Path, "supervisor", "start"));
        Assert.Contains(
            $"cannot start the supervisor: \"{empty.Path}\" has no components under supervisor.components",
            run.Error.ToString(),
            StringComparison.Ordinal);

        Assert.Equal(ExitCode.ConfigInvalid, await Run().RunAsync("supervisor", "start"));
        Assert.False(Directory.Exists(Own), "nothing was begun");
    }

    public void Dispose() => _file.Dispose();

    private CliRun Run() => new CliRun().With("DROVER_DATA_DIR", Data);

    private void Remember(string component, string message)
    {
        Directory.CreateDirectory(Own);
        using var history = HistoryStore.Open(Path.Combine(Own, "history"), NullLogger.Instance, TimeProvider.System);
        history.Add(
        [
            new HistoryEntry
            {
                At = DateTimeOffset.UnixEpoch,
                Component = component,
                Instance = 1,
                Cause = "exit",
                Message = message,
                Outcome = HistoryOutcome.Backoff,
                DelaySeconds = 1,
            },
        ]);
    }
}
