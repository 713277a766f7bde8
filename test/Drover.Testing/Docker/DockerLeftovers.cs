using System.Globalization;

namespace Drover.Testing.Docker;

/// <summary>Ends and removes what an engine leaves behind: shims, mounts, files. Touches nothing outside the directory
/// it is given.</summary>
internal static class DockerLeftovers
{
    public const string DirectoryPrefix = "drover-docker-";

    /// <summary>Removes the engines of test runs that are dead.</summary>
    public static void Sweep(string ownerFile)
    {
        foreach (var directory in Directory.GetDirectories(Path.GetTempPath(), DirectoryPrefix + "*"))
        {
            var owner = Path.Combine(directory, ownerFile);
            if (File.Exists(owner) && !Directory.Exists($"/proc/{File.ReadAllText(owner).Trim()}"))
            {
                Remove(directory);
            }
        }
    }

    public static void Remove(string directory)
    {
        if (!Directory.Exists(directory))
        {
            return;
        }

        EndProcessesOf(directory);
        // Innermost first; lazily, because a process just killed may hold one a moment longer.
        foreach (var mount in MountsUnder(directory).OrderByDescending(mount => mount.Length))
        {
            Shell.Run("umount", "-l", mount);
        }

        Shell.Run("rm", "-rf", "--one-file-system", directory);
    }

    /// <summary>Kills dockerd, its containerd and its shims: those whose command line names the directory.</summary>
    private static void EndProcessesOf(string directory)
    {
        foreach (var process in Directory.GetDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var id)
                && id != Environment.ProcessId
                && IsOf(directory, process))
            {
                Shell.Run("kill", "-KILL", id.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static bool IsOf(string directory, string process)
    {
        try
        {
            var arguments = File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
            var program = Path.GetFileName(arguments[0]);
            return (
                program is "dockerd" or "containerd" || program.StartsWith("containerd-shim", StringComparison.Ordinal))
                && arguments.Any(argument => argument.Contains(directory + "/", StringComparison.Ordinal));
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static IEnumerable<string> MountsUnder(string directory) =>
        from line in File.ReadLines("/proc/self/mounts")
        let path = line.Split(' ')[1].Replace("\\040", " ", StringComparison.Ordinal)
        where path.StartsWith(directory + "/", StringComparison.Ordinal)
        select path;
}
