using System.Globalization;

namespace Drover.Faults.Rig;

/// <summary>
/// What the kernel says of a process that seems to do nothing: whether it works, waits or is stopped, thread by thread.
/// </summary>
internal static class ProcessFacts
{
    /// <summary>One line for the process and one for each kind of thread in the same state.</summary>
    public static IEnumerable<string> Of(string name, int processId)
    {
        var threads = Threads(processId);
        if (threads.Count == 0)
        {
            return [$"{name}: process {processId} has ended"];
        }

        var groups = threads
            .GroupBy(thread => thread)
            .OrderBy(group => group.Key.Name, StringComparer.Ordinal)
            .Select(group => string.Create(
                CultureInfo.InvariantCulture,
                $"  {group.Count()} x {group.Key.Name}: {group.Key.State} in {group.Key.WaitsIn}"));
        return [$"{name}: process {processId}, {Status(processId)}; {threads.Count} threads:", .. groups];
    }

    private static List<(string Name, string State, string WaitsIn)> Threads(int processId)
    {
        var found = new List<(string, string, string)>();
        try
        {
            foreach (var folder in Directory.GetDirectories($"/proc/{processId}/task"))
            {
                found.Add((Read(folder, "comm"), Line(folder, "State:"), Read(folder, "wchan")));
            }
        }
        catch (DirectoryNotFoundException)
        {
            // It ended just now.
        }

        return found;
    }

    private static string Status(int processId)
    {
        // proc_pid_stat(5): fields 14 and 15, in hundredths of a second, behind a name that may hold anything.
        var fields = Read($"/proc/{processId}", "stat").Split(')')[^1].Split(' ');
        return fields.Length > 13
            && double.TryParse(fields[12], CultureInfo.InvariantCulture, out var user)
            && double.TryParse(fields[13], CultureInfo.InvariantCulture, out var system)
            ? string.Create(CultureInfo.InvariantCulture, $"{(user + system) / 100:0.00} s of CPU")
            : "CPU unknown";
    }

    private static string Line(string folder, string key) =>
        Read(folder, "status").Split('\n').FirstOrDefault(line => line.StartsWith(key, StringComparison.Ordinal))?
            [key.Length..].Trim() ?? "?";

    private static string Read(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "?";
        }
    }
}
