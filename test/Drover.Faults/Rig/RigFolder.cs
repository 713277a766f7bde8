using System.Diagnostics;
using System.Globalization;

namespace Drover.Faults.Rig;

/// <summary>
/// The folder of one run, in memory where the system has it: what a killed process wrote is as safe there, and a commit
/// costs no disk. The first of a test run ends and removes what a killed test run left behind.
/// </summary>
internal static class RigFolder
{
    private const string InMemory = "/dev/shm";
    private const string Prefix = "drover-faults-";

    private static readonly string Parent = Directory.Exists(InMemory) ? InMemory : Path.GetTempPath();
    private static readonly Lazy<bool> Swept = new(Sweep);

    public static string Make()
    {
        _ = Swept.Value;
        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{Guid.NewGuid():N}");
        return Directory.CreateDirectory(Path.Combine(Parent, name)).FullName;
    }

    private static bool Sweep()
    {
        foreach (var folder in Directory.GetDirectories(Parent, Prefix + "*").Where(IsLeft))
        {
            foreach (var process in Process.GetProcesses().Where(process => LivesIn(process, folder)))
            {
                process.Kill();
                process.WaitForExit(TimeSpan.FromSeconds(5));
            }

            Directory.Delete(folder, recursive: true);
        }

        return true;
    }

    private static bool IsLeft(string folder) =>
        Path.GetFileName(folder)[Prefix.Length..].Split('-') is [var owner, _] && !Directory.Exists($"/proc/{owner}");

    private static bool LivesIn(Process process, string folder)
    {
        try
        {
            return new FileInfo($"/proc/{process.Id}/cwd").LinkTarget == folder;
        }
        catch (IOException)
        {
            // Ended just now.
            return false;
        }
    }
}
