using System.Collections;
using System.Runtime.InteropServices;
using System.Text.Json;
using Drover.Core.Components;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
using Drover.Testing.Agents;

namespace Drover.Supervisor.Tests.Daemon;

/// <summary>
/// Real supervisors in processes of their own over one data directory, and what their components leave behind. Every
/// component it makes notes the number of each instance, and notes too when it met another that was still alive.
/// </summary>
internal sealed partial class SupervisorBench : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();
    private int _pid;

    /// <param name="data">Where its data directory really is; null beside its components.</param>
    internal SupervisorBench(string? data = null)
    {
        if (data is not null)
        {
            System.IO.Directory.CreateSymbolicLink(Data, data);
        }
    }

    internal string Directory => _directory.Path;

    internal string Data => _directory.File("data");

    internal ControlClient Client => new(ControlPath.Of(Data));

    internal int Pid => _pid;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A component that lives until it is ended; <paramref name="then"/> is what it does instead.</summary>
    internal PlayedComponent Component(string name, string then = "exec sleep 1000") => new(
        name,
        $"exec 9>{name}.lock; flock -n 9 || echo $$ >> {name}.second; echo $$ >> {name}.pids; {then}");

    internal void Write(params PlayedComponent[] components) =>
        File.WriteAllText(PlayedSupervisor.FileOf(Directory), JsonSerializer.Serialize(components));

    /// <summary>Starts one and returns when it answers.</summary>
    internal async Task StartAsync(string? fault = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        _pid = await SupervisorLauncher.StartAsync(Spec(fault, environment), TimeProvider.System, Token);
    }

    /// <summary>Starts one that dies at a fault point, and returns when it is dead.</summary>
    internal async Task StartDoomedAsync(string fault, Func<Task>? order = null)
    {
        try
        {
            await StartAsync(fault);
            await (order?.Invoke() ?? Task.CompletedTask);
        }
        catch (Exception error) when (error is SupervisorStartException or ControlException or TimeoutException)
        {
            // It died before it said that it was ready, or before it answered.
        }

        await UntilAsync(() => !SupervisorLauncher.IsHeld(Path.Combine(Data, "supervisor", "lock")), "its death");
    }

    /// <summary>SIGKILL, as the kernel sends it for want of memory.</summary>
    internal async Task KillAsync()
    {
        Assert.Equal(0, Kill(_pid, 9));
        await UntilAsync(() => !SupervisorLauncher.IsHeld(Path.Combine(Data, "supervisor", "lock")), "its death");
    }

    internal Task<OrderOutcome> StopAsync() => SupervisorLauncher.StopAsync(Data, null, TimeProvider.System, Token);

    internal void Signal(int pid, int signal) => Assert.Equal(0, Kill(pid, signal));

    /// <summary>The process ids of all instances there ever were, oldest first.</summary>
    internal IReadOnlyList<int> Instances(string component)
    {
        var path = _directory.File(component + ".pids");
        return File.Exists(path) ? [.. File.ReadAllLines(path).Select(int.Parse)] : [];
    }

    internal IReadOnlyList<int> Alive(string component) => [.. Instances(component).Where(IsAlive)];

    internal void AssertNeverTwo(string component) =>
        Assert.False(File.Exists(_directory.File(component + ".second")), $"two live instances of {component}");

    internal async Task<ComponentStatus> StatusAsync(string component) =>
        (await Client.StatusAsync(Token)).Components.Single(one => one.Name == component);

    internal Task<ComponentStatus> UntilAsync(string component, ComponentState state) =>
        UntilAsync(component, status => status.State == state, $"{component} to be {state}");

    internal async Task<ComponentStatus> UntilAsync(
        string component, Func<ComponentStatus, bool> wanted, string what)
    {
        ComponentStatus? last = null;
        using var limit = new CancellationTokenSource(Limit);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, Token);
        try
        {
            await foreach (var status in Client.WatchAsync(either.Token))
            {
                last = status.Components.Single(one => one.Name == component);
                if (wanted(last))
                {
                    return last;
                }
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            // Told below.
        }

        throw new TimeoutException($"waited in vain for {what}; last seen: {last}; the supervisor said:\n{Log()}");
    }

    internal static async Task UntilAsync(Func<bool> condition, string what)
    {
        var deadline = DateTime.UtcNow + Limit;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"waited in vain for {what}");
            await Task.Delay(5, Token);
        }
    }

    /// <summary>What the supervisors have said.</summary>
    internal string Log() => File.ReadAllText(Path.Combine(Data, "supervisor", "daemon.log"));

    /// <summary>A zombie is dead: whoever adopted it has not looked yet.</summary>
    internal static bool IsAlive(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_pid != 0 && IsAlive(_pid))
        {
            _ = Kill(_pid, 9);
            await UntilAsync(() => !IsAlive(_pid), "the supervisor's end");
        }

        foreach (var file in System.IO.Directory.GetFiles(Directory, "*.pids"))
        {
            foreach (var pid in Alive(Path.GetFileNameWithoutExtension(file)))
            {
                _ = Kill(-pid, 9);
            }
        }

        // One that was started a moment ago has not written its number yet, and would write it into what is removed.
        await UntilAsync(
            () =>
            {
                var left = WorkingIn(Directory);
                left.ForEach(pid => _ = Kill(pid, 9));
                return left.Count == 0;
            },
            "the components' end");
        _directory.Dispose();
    }

    private static List<int> WorkingIn(string directory) =>
    [
        .. System.IO.Directory.GetDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
            .Where(pid => pid != 0 && IsAlive(pid) && DirectoryOf(pid) == directory),
    ];

    private static string? DirectoryOf(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/cwd", returnFinalTarget: false)?.FullName;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal DaemonSpec Spec(string? fault = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(one => (string)one.Key, one => (string)one.Value!);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            variables[name] = value;
        }

        if (fault is not null)
        {
            variables["DROVER_FAULT"] = fault;
        }

        return new DaemonSpec
        {
            Executable = Environment.ProcessPath!,
            Arguments = [PlayedSupervisor.Verb, Directory],
            Environment = variables,
            DataDirectory = Data,
        };
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
