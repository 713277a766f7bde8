using System.Diagnostics;
using System.Globalization;

namespace Drover.Bench.Supervision;

/// <summary>
/// The program that every supervisor keeps alive here: a small static one, whose first act is to look at the clock
/// (bench/child/stamp.c). Compiled for this run; whoever still runs it at the end is ended, by its number.
/// </summary>
internal sealed class StampProgram : IDisposable
{
    private const string Source = "bench/child/stamp.c";

    private readonly Workspace _space = new();

    private StampProgram() => Path = System.IO.Path.Combine(_space.Folder, "stamp");

    public string Path { get; }

    public static async Task<StampProgram> CompileAsync(CancellationToken cancellationToken)
    {
        var program = new StampProgram();
        using var compiler = Process.Start(
            new ProcessStartInfo("gcc", ["-O2", "-static", "-o", program.Path, Source])
            {
                RedirectStandardError = true,
            })!;
        var said = await compiler.StandardError.ReadToEndAsync(cancellationToken);
        await compiler.WaitForExitAsync(cancellationToken);
        if (compiler.ExitCode == 0)
        {
            return program;
        }

        program.Dispose();
        throw new InvalidOperationException($"cannot compile \"{Source}\": {said}");
    }

    public bool IsRunBy(int pid) => SystemProcess.ExecutableOf(pid) is { } executable && executable.StartsWith(
        Path, StringComparison.Ordinal);

    public void Dispose()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(System.IO.Path.GetFileName(folder), CultureInfo.InvariantCulture, out var pid)
                && IsRunBy(pid))
            {
                _ = SystemProcess.Kill(pid);
            }
        }

        _space.Dispose();
    }
}
