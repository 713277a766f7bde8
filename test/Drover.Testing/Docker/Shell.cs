using System.Diagnostics;

namespace Drover.Testing.Docker;

/// <summary>Small programs of the system that tests need.</summary>
internal static class Shell
{
    public static bool Has(string program) =>
        Path.Exists($"/usr/sbin/{program}")
        || (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(
            folder => Path.Exists(Path.Combine(folder, program)));

    /// <summary>Runs it to its end; what it prints goes where the test's own output goes.</summary>
    public static int ExitCode(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments))
            ?? throw new InvalidOperationException($"cannot run {program}");
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>Runs it to its end and gives what it printed; what it complains of is of no interest here.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"cannot run {program}");
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output;
    }
}
