using Drover.Runtime.Processes.Native;

namespace Drover.Runtime.Processes;

/// <summary>
/// Finds the file that a command means, in the child's own environment and directory and not in ours.
/// </summary>
internal static class ExecutableSearch
{
    /// <summary>Where there is no <c>PATH</c>.</summary>
    internal const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>
    /// An absolute path, which need not exist when the command is a path itself; null and the reason when nothing of
    /// that name is in the <c>PATH</c>.
    /// </summary>
    internal static string? Find(
        string command, IReadOnlyDictionary<string, string> environment, string directory, out string? why)
    {
        why = null;
        if (command.Contains('/', StringComparison.Ordinal))
        {
            return Path.Combine(directory, command);
        }

        var path = environment.GetValueOrDefault("PATH") is { Length: > 0 } own ? own : DefaultPath;
        string? unusable = null;
        foreach (var part in path.Split(':'))
        {
            // An empty part means the working directory. Source: execvp(3).
            var candidate = Path.Combine(directory, part, command);
            if (!File.Exists(candidate))
            {
                continue;
            }

            if (NativeFiles.CanExecute(candidate))
            {
                return candidate;
            }

            unusable ??= candidate;
        }

        why = unusable is not null
            ? $"\"{unusable}\" is not executable; make it so with chmod +x"
            : $"there is no file \"{command}\" in its PATH ({path})";
        return null;
    }
}
