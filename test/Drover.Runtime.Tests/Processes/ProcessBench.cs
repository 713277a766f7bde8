using Drover.Runtime.Processes;
using Drover.Runtime.Processes.Shim;
using Drover.Testing.Agents;
using Drover.Testing.Docker;

namespace Drover.Runtime.Tests.Processes;

/// <summary>A waiter, a launcher and a directory of one test. What it launched is ended with it.</summary>
public sealed class ProcessBench : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static readonly IReadOnlyDictionary<string, string> Path =
        new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin:/usr/sbin:/sbin" };

    private readonly TemporaryDirectory _directory = new();
    private readonly List<SupervisedProcess> _launched = [];

    public ProcessBench(ControlGroups? groups = null, ExecShim? shim = null) =>
        Launcher = new ProcessLauncher(Waiter, groups, shim);

    public ProcessWaiter Waiter { get; } = new(TimeProvider.System);

    public ProcessLauncher Launcher { get; }

    public string Log => _directory.File("out.log");

    public string Directory => _directory.Path;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static LaunchSpec Spec(string executable, params string[] arguments) =>
        new() { Executable = executable, Arguments = arguments, Environment = Path };

    /// <summary>Runs lines of sh with everything it says in <see cref="Log"/>.</summary>
    public LaunchSpec Script(string lines) => Spec("sh", "-c", lines) with
    {
        OutputPath = Log,
        WorkingDirectory = _directory.Path,
        Marker = $"test/{Guid.NewGuid():N}",
    };

    public SupervisedProcess Sh(string lines) => Start(Script(lines));

    public SupervisedProcess Start(LaunchSpec spec)
    {
        var outcome = Launcher.Launch(spec);
        Assert.Equal("", (outcome as LaunchOutcome.Failed)?.Sentence ?? "");
        var started = Assert.IsType<LaunchOutcome.Started>(outcome);
        var process = Assert.IsType<SupervisedProcess>(started.Process);
        _launched.Add(process);
        return process;
    }

    public LaunchOutcome.Failed Fail(LaunchSpec spec) =>
        Assert.IsType<LaunchOutcome.Failed>(Launcher.Launch(spec));

    public static Task<ProcessExit> End(ISupervisedProcess process) =>
        process.Exit.WaitAsync(TimeSpan.FromSeconds(20), Cancelled);

    /// <summary>What a script of its own says, from its start to its end.</summary>
    public async Task<string> Say(string lines)
    {
        await End(Sh(lines));
        return (await File.ReadAllTextAsync(Log, Cancelled)).TrimEnd('\n');
    }

    public string MakeFile(string name, string content, UnixFileMode mode)
    {
        var path = _directory.File(name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, mode);
        return path;
    }

    /// <summary>Waits for a whole line in <see cref="Log"/> that begins so, and answers the rest of it.</summary>
    public async Task<string> Line(string prefix)
    {
        var found = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var text = File.Exists(Log) ? await File.ReadAllTextAsync(Log, Cancelled) : "";
                var whole = text[..(text.LastIndexOf('\n') + 1)].Split('\n');
                var line = Array.Find(whole, line => line.StartsWith(prefix, StringComparison.Ordinal));
                found = line?[prefix.Length..].Trim() ?? "";
                return line is not null;
            },
            $"a line \"{prefix}\"",
            Cancelled);
        return found;
    }

    public async Task<int> Pid(string prefix) => int.Parse(await Line(prefix));

    public static Task Until(Func<bool> condition, string what) =>
        Eventually.TrueAsync(() => Task.FromResult(condition()), what, Cancelled);

    /// <summary>True when nothing of this number runs; a zombie, which another parent may leave for long, does
    /// not.</summary>
    public static bool IsDead(int pid) => ProcessStat.TryRead(pid) is not { IsDead: false };

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _launched)
        {
            try
            {
                await process.KillEverythingAsync(Patience, CancellationToken.None);
            }
            catch (ObjectDisposedException)
            {
                // The test was done with it.
            }

            process.Dispose();
        }

        await Until(() => Waiter.Children.IsEmpty, "the waiter to reap what was ended");
        Waiter.Dispose();
        _directory.Dispose();
    }
}
