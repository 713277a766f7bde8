using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Drover.EndToEnd.Delivery;

/// <summary>
/// A Debian of its own whose PID 1 is systemd, in namespaces of this machine: no network but its loopback, no Docker
/// Engine. Ends with its PID 1. Needs root, as an engine does.
/// </summary>
internal sealed class SystemdMachine : IAsyncDisposable
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("drover-systemd-");
    private readonly string _cgroup = $"drover-test-{Guid.NewGuid():N}";
    private Process? _terminal;
    private int _init;

    private SystemdMachine()
    {
    }

    /// <summary>Where its root lies on this machine.</summary>
    public string Root => Path.Combine(_folder.FullName, "root");

    private string PidFile => Path.Combine(_folder.FullName, "pid");

    private string BootLog => Path.Combine(_folder.FullName, "boot.log");

    /// <summary>Makes the root, lets <paramref name="prepare"/> put files into it, and boots.</summary>
    public static async Task<SystemdMachine> BootAsync(Func<string, Task> prepare, CancellationToken cancellationToken)
    {
        var machine = new SystemdMachine();
        try
        {
            var (exitCode, output) = await Tool.RunAsync(
                new Dictionary<string, string>(),
                [
                    "mmdebstrap", "--quiet", "--variant=minbase", "--include=systemd,libssl3,libsqlite3-0", "bookworm",
                    machine.Root,
                ],
                cancellationToken);
            Assert.True(exitCode == 0, output);
            await prepare(machine.Root);
            await machine.StartAsync(cancellationToken);
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program on it, as root; its end and what it printed.</summary>
    public Task<(int ExitCode, string Output)> TryAsync(params string[] commandLine) => Tool.RunAsync(
        new Dictionary<string, string>(),
        [
            "nsenter", "--target", _init.ToString(CultureInfo.InvariantCulture), "--mount", "--pid", "--net", "--uts",
            "--ipc", "--cgroup", "--root", "--wd=/", "env", "-i", "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/root", .. commandLine,
        ],
        TestContext.Current.CancellationToken);

    /// <summary>As <see cref="TryAsync"/>, and it works; what it printed.</summary>
    public async Task<string> RunAsync(params string[] commandLine)
    {
        var (exitCode, output) = await TryAsync(commandLine);
        Assert.True(exitCode == 0, $"{string.Join(' ', commandLine)}: {exitCode}\n{output}\n{await LogAsync()}");
        return output.Trim();
    }

    /// <summary>A property of a unit, as systemd has it now.</summary>
    public Task<string> PropertyAsync(string unit, string property) =>
        RunAsync("systemctl", "show", "--property", property, "--value", unit);

    /// <summary>What a person does before the installer.</summary>
    public static async Task UnpackAsync(string root)
    {
        var archive = Assert.Single(
            Directory.GetFiles(Path.Combine(Tool.Root, "artifacts/publish"), "drover-*.tar.gz"));
        var (exitCode, output) = await Tool.RunAsync(
            new Dictionary<string, string>(),
            ["tar", "-xzf", archive, "-C", Path.Combine(root, "opt")],
            TestContext.Current.CancellationToken);
        Assert.True(exitCode == 0, output);
    }

    /// <summary>Waits until something holds that a machine does in its own time.</summary>
    public static async Task UntilAsync(
        Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        var began = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(began.Elapsed < Patience, $"waited {Patience.TotalSeconds} s in vain: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(300), TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_init > 0)
        {
            await Tool.RunAsync(
                new Dictionary<string, string>(),
                ["kill", "-KILL", _init.ToString(CultureInfo.InvariantCulture)],
                CancellationToken.None);
        }

        if (_terminal is not null)
        {
            if (_init == 0)
            {
                _terminal.Kill(entireProcessTree: true);
            }

            await _terminal.WaitForExitAsync();
            _terminal.Dispose();
        }

        await Tool.RunAsync(
            new Dictionary<string, string>(),
            [
                "sh", "-c",
                $"for h in /sys/fs/cgroup/systemd /sys/fs/cgroup/unified /sys/fs/cgroup; do "
                + $"[ ! -d $h/{_cgroup} ] || find $h/{_cgroup} -depth -type d -exec rmdir {{}} \\; ; done; "
                + $"rm -rf --one-file-system '{_folder.FullName}'",
            ],
            CancellationToken.None);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        var boot = Path.Combine(Tool.Root, "test/Drover.EndToEnd/Delivery/boot-systemd.sh");
        var start = new ProcessStartInfo("script", ["-qefc", boot, BootLog])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        (start.Environment["ROOT"], start.Environment["CGROUP"], start.Environment["PIDFILE"]) =
            (Root, _cgroup, PidFile);
        _terminal = Process.Start(start)!;
        _terminal.OutputDataReceived += (_, _) => { };
        _terminal.ErrorDataReceived += (_, _) => { };
        _terminal.BeginOutputReadLine();
        _terminal.BeginErrorReadLine();

        var began = Stopwatch.StartNew();
        while (!await IsUpAsync())
        {
            Assert.True(
                began.Elapsed < BootLimit && !_terminal.HasExited, $"systemd did not boot:\n{await LogAsync()}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
        }
    }

    private async Task<bool> IsUpAsync()
    {
        _init = _init > 0 ? _init : InitOf(PidFile);
        if (_init == 0)
        {
            return false;
        }

        var (exitCode, _) = await TryAsync("systemctl", "is-active", "--quiet", "basic.target");
        return exitCode == 0;
    }

    /// <summary>The one child of the process in the file; 0 while there is none.</summary>
    private static int InitOf(string pidFile)
    {
        if (!File.Exists(pidFile)
            || !int.TryParse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture, out var parent))
        {
            return 0;
        }

        var children = $"/proc/{parent}/task/{parent}/children";
        return File.Exists(children)
            && int.TryParse(File.ReadAllText(children).Trim(), CultureInfo.InvariantCulture, out var child)
            ? child
            : 0;
    }

    private async Task<string> LogAsync() =>
        File.Exists(BootLog) ? await File.ReadAllTextAsync(BootLog, CancellationToken.None) : "";
}
