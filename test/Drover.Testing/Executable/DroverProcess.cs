using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Drover.Testing.Executable;

/// <summary>A running drover and everything it has printed. Ended by its id when disposed.</summary>
public sealed partial class DroverProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();

    private DroverProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_out, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_error, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
    }

    public int Id => _process.Id;

    public string Out => Read(_out);

    public string Error => Read(_error);

    public bool HasExited => _process.HasExited;

    public static DroverProcess Start(
        string workingDirectory, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Start(Published.Path, workingDirectory, environment, arguments);

    /// <summary>Runs a line as pasted into a shell of another machine; <c>drover</c> is on its PATH.</summary>
    public static DroverProcess Paste(
        string line,
        Network.NetworkNamespace machine,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment)
    {
        var own = new Dictionary<string, string>(environment)
        {
            ["PATH"] = $"{Path.GetDirectoryName(Published.Path)}:{Environment.GetEnvironmentVariable("PATH")}",
        };
        // exec, so that the process id is that of drover.
        return Start("nsenter", workingDirectory, own, [$"--net={machine.Path}", "sh", "-c", $"exec env {line}"]);
    }

    /// <summary>As process 1 of a process namespace of its own; <see cref="Inner"/> is it, this only passes its exit
    /// code on.</summary>
    public static DroverProcess StartAsProcessOne(
        string workingDirectory, IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        StartBy(
            ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"], workingDirectory, environment, arguments);

    /// <summary>By way of another program, which becomes it or starts it.</summary>
    public static DroverProcess StartBy(
        string[] way,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment,
        params string[] arguments) =>
        Start(way[0], workingDirectory, environment, [.. way[1..], Published.Path, .. arguments]);

    /// <summary>The one child of the process, by its number here; null before there is one.</summary>
    public int? Inner()
    {
        var children = $"/proc/{_process.Id}/task/{_process.Id}/children";
        return File.Exists(children) && int.TryParse(File.ReadAllText(children).Trim(), out var pid) ? pid : null;
    }

    private static DroverProcess Start(
        string program,
        string workingDirectory,
        IReadOnlyDictionary<string, string> environment,
        IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        bool IsOurs(string name) => name.StartsWith("DROVER_", StringComparison.Ordinal);
        foreach (var name in start.Environment.Keys.Where(IsOurs).ToList())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return new DroverProcess(Process.Start(start)!);
    }

    /// <summary>Waits until the condition holds for what was printed.</summary>
    public async Task UntilAsync(Func<DroverProcess, bool> condition, string what)
    {
        var since = Stopwatch.StartNew();
        while (!condition(this))
        {
            if (HasExited && !condition(this))
            {
                throw new InvalidOperationException($"ended with {_process.ExitCode}: {what}\n{Printed()}");
            }

            if (since.Elapsed > StartLimit)
            {
                throw new TimeoutException($"waited in vain: {what}\n{Printed()}");
            }

            await Task.Delay(Pause);
        }
    }

    /// <summary>Sends a signal; one that has ended gets none. Ids are soon used again where many processes come and
    /// go, so nothing may lie between the look and the call.</summary>
    public void Signal(string name)
    {
        if (!_process.HasExited)
        {
            _ = Kill(_process.Id, NumberOf(name));
        }
    }

    /// <summary>As <see cref="Signal"/>, to <see cref="Inner"/>.</summary>
    public void SignalInner(string name)
    {
        if (Inner() is { } pid)
        {
            _ = Kill(pid, NumberOf(name));
        }
    }

    private static int NumberOf(string name) =>
        name switch
        {
            "HUP" => 1,
            "INT" => 2,
            "QUIT" => 3,
            "KILL" => 9,
            "TERM" => 15,
            "CONT" => 18,
            "STOP" => 19,
            _ => throw new ArgumentException($"no test sends {name} yet", nameof(name)),
        };

    /// <summary>The exit code (128 and the signal's number for a killed one), once it has ended and everything it
    /// printed is here.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var limit = new CancellationTokenSource(EndLimit);
        return await EndAsync(limit.Token);
    }

    /// <summary>As <see cref="ExitCodeAsync"/>, however long it runs.</summary>
    public async Task<int> EndAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int processId, int signal);

    private string Printed() => $"--- out\n{Out}\n--- error\n{Error}";

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
