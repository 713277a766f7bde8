using System.Diagnostics;
using System.Text;

namespace Drover.EndToEnd;

/// <summary>A running drover and everything it has printed. Ended by its id when disposed.</summary>
internal sealed class DroverProcess : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

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
        string workingDirectory, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Published.Path, arguments)
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("DROVER_", StringComparison.Ordinal))
            .ToList())
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
            Assert.True(since.Elapsed < Limit, $"waited in vain: {what}\n--- out\n{Out}\n--- error\n{Error}");
            Assert.False(
                HasExited && !condition(this),
                $"ended with {(HasExited ? _process.ExitCode : 0)}: {what}\n--- out\n{Out}\n--- error\n{Error}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString()]);
        kill.WaitForExit();
    }

    /// <summary>The exit code, once it has ended and everything it printed is here.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(90));
        await _process.WaitForExitAsync(limit.Token);
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
