using System.Diagnostics;
using System.Globalization;

namespace Drover.Testing.Docker;

/// <summary>The dockerd process of a <see cref="DockerEngine"/> and the directory it lives in.</summary>
internal sealed class DockerDaemon : IAsyncDisposable
{
    private const string OwnerFile = "owner.pid";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly string[] _arguments;
    private readonly string _enter;
    private Process? _process;

    private DockerDaemon(string directory, string[] arguments, string enter)
    {
        Directory = directory;
        _enter = enter;
        _arguments = arguments;
    }

    public string Directory { get; }

    public string SocketPath => Path.Combine(Directory, "docker.sock");

    public bool IsRunning => _process is { HasExited: false };

    public int ProcessId => _process?.Id ?? throw new InvalidOperationException("this Docker Engine is not started");

    private string LogPath => Path.Combine(Directory, "dockerd.log");

    /// <param name="arguments">More arguments for dockerd.</param>
    /// <param name="networkNamespace">The namespace's file, for an engine of another machine.</param>
    public static DockerDaemon Create(string[] arguments, string? networkNamespace = null) =>
        CreateIn(networkNamespace is null ? "" : $"nsenter --net={networkNamespace} ", arguments);

    /// <summary>
    /// As another machine altogether, with a name and a <c>/run/docker</c> of its own: what two nodes of a Swarm on one
    /// machine would otherwise share.
    /// </summary>
    /// <param name="networkNamespace">The namespace's file.</param>
    /// <param name="hostName">The machine's name.</param>
    public static DockerDaemon CreateMachine(string networkNamespace, string hostName) => CreateIn(
        $"nsenter --net={networkNamespace} unshare --mount --uts sh -c "
        + "'hostname \"$0\"; mount --make-rprivate /; mkdir -p /run/docker; mount -t tmpfs tmpfs /run/docker; "
        + $"exec \"$@\"' {hostName} ",
        ["--cgroup-parent", $"/{hostName}"]);

    private static DockerDaemon CreateIn(string enter, string[] arguments)
    {
        if (!Shell.Has("dockerd"))
        {
            throw new InvalidOperationException(
                "These tests need a real Docker Engine and there is no dockerd. Install it: "
                + "apt-get install -y --no-install-recommends docker.io iptables busybox-static (or: make setup)");
        }

        if (Environment.UserName is not "root")
        {
            throw new InvalidOperationException(
                "These tests start a Docker Engine, which takes root: run them as root.");
        }

        DockerLeftovers.Sweep(OwnerFile);
        var directory = System.IO.Directory.CreateTempSubdirectory(DockerLeftovers.DirectoryPrefix).FullName;
        File.WriteAllText(
            Path.Combine(directory, OwnerFile), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        File.WriteAllText(Path.Combine(directory, "daemon.json"), "{}");
        return new DockerDaemon(directory, arguments, enter);
    }

    public void Start()
    {
        var name = Path.GetFileName(Directory);
        // A session of its own: a Ctrl-C meant for the test run must not reach it. exec keeps the process id.
        var start = new ProcessStartInfo("sh");
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"log=$1; shift; exec {_enter}setsid dockerd \"$@\" >>\"$log\" 2>&1 </dev/null");
        string[] arguments =
        [
            "sh", LogPath,
            "--host", $"unix://{SocketPath}",
            "--config-file", Path.Combine(Directory, "daemon.json"),
            "--data-root", Path.Combine(Directory, "data"),
            "--exec-root", Path.Combine(Directory, "exec"),
            "--pidfile", Path.Combine(Directory, "dockerd.pid"),
            "--containerd-namespace", name,
            "--containerd-plugins-namespace", $"{name}-plugins",
            "--iptables=false", "--ip6tables=false", "--bridge=none",
            "--shutdown-timeout", "2",
            .. _arguments,
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        _process?.Dispose();
        _process = Process.Start(start);
    }

    /// <summary>Waits for a condition, as long as the daemon lives and at most <see cref="StartLimit"/>.</summary>
    public async Task WaitUntilAsync(Func<CancellationToken, Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        while (!await condition(limit.Token))
        {
            if (!IsRunning || limit.IsCancellationRequested)
            {
                throw new InvalidOperationException($"dockerd did not start. Its last words:\n{LastWords()}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    public void Signal(string signal) =>
        Shell.Run("kill", $"-{signal}", ProcessId.ToString(CultureInfo.InvariantCulture));

    public async Task StopAsync()
    {
        if (!IsRunning)
        {
            return;
        }

        Signal("CONT");
        Signal("TERM");
        using var limit = new CancellationTokenSource(StopLimit);
        try
        {
            await _process!.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Signal("KILL");
            await _process!.WaitForExitAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process?.Dispose();
        DockerLeftovers.Remove(Directory);
    }

    private string LastWords() =>
        File.Exists(LogPath) ? string.Join('\n', File.ReadLines(LogPath).TakeLast(12)) : "(none)";
}
