using System.Diagnostics;
using System.Globalization;

namespace Drover.Bench;

/// <summary>
/// A process under measurement: started with its output in a file, read through /proc, ended by its id.
/// </summary>
internal sealed class Measured : IAsyncDisposable
{
    private readonly Process _process;

    private Measured(Process process) => _process = process;

    public int Id => _process.Id;

    public static Measured Start(
        string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            if (Environment.GetEnvironmentVariable("BENCH_VERBOSE") is not null && line.Data is not null)
            {
                Console.Error.WriteLine(line.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return new Measured(process);
    }

    /// <summary>Runs to the end and says how long that took, in ms.</summary>
    public static Task<double> TimeAsync(string program, params string[] arguments) =>
        TimeAsync(program, new Dictionary<string, string>(), arguments);

    /// <summary>As the other, with more in its environment.</summary>
    public static async Task<double> TimeAsync(
        string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var started = Stopwatch.GetTimestamp();
        await RunAsync(program, environment, arguments);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Runs to the end; its exit code and all that it said.</summary>
    public static async Task<(int Code, string Said)> RunAsync(
        string program, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        var said = await output + error;
        await process.WaitForExitAsync();
        return (process.ExitCode, said);
    }

    /// <summary>Resident memory in MB: all of it, and the anonymous part.</summary>
    public (double Resident, double Anonymous) Memory() => (StatusMb("VmRSS:"), StatusMb("RssAnon:"));

    /// <summary>CPU seconds used so far, user and system.</summary>
    public double CpuSeconds() => CpuSeconds(_process.Id);

    public static double CpuSeconds(int pid)
    {
        var stat = File.ReadAllText($"/proc/{pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture)
            + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return ticks / 100.0;
    }

    /// <summary>Ends it as a crash does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }

        _process.Dispose();
    }

    private double StatusMb(string field) =>
        File.ReadLines($"/proc/{_process.Id}/status")
            .Where(line => line.StartsWith(field, StringComparison.Ordinal))
            .Select(
                line =>
                    double.Parse(
                        line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
                        CultureInfo.InvariantCulture) / 1024)
            .First();
}
