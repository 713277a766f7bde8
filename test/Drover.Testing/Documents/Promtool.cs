using System.Diagnostics;

namespace Drover.Testing.Documents;

/// <summary>Prometheus' own checker of what a metrics page looks like.</summary>
public static class Promtool
{
    /// <summary>What it objects to in a page: errors and what its linter advises; empty when nothing.</summary>
    public static async Task<string> CheckAsync(string page, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path(), ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("cannot run promtool");
        var said = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var complained = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.StandardInput.WriteAsync(page.AsMemory(), cancellationToken);
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
        var objections = (await said + await complained).Trim();
        return process.ExitCode == 0 || objections.Length > 0
            ? objections
            : FormattableString.Invariant($"promtool ended with {process.ExitCode}");
    }

    private static string Path()
    {
        var own = RepositoryFile.PathOf("artifacts/promtool/promtool");
        return File.Exists(own) ? own
            : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
                .Select(folder => System.IO.Path.Combine(folder, "promtool"))
                .FirstOrDefault(File.Exists)
                ?? throw new InvalidOperationException("promtool is not there; run: make setup-test");
    }
}
