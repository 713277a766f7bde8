using System.Globalization;
using Drover.Runtime.Configuration;
using Drover.Runtime.Processes.Shim;
using Drover.Supervisor;

namespace Drover.Configuration;

/// <summary>What a supervisor of this process is told.</summary>
internal static class SupervisorSettings
{
    private const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    // What a program needs to find itself at home, and nothing of what happens to be set where the supervisor was
    // started: neither secrets nor a difference between one start and the next (docs/decisions/0078).
    private static readonly string[] HandedOn =
        ["HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR"];

    /// <summary>The options; the file is read again from where it was found.</summary>
    public static SupervisorOptions Options(Settings settings, EnvironmentVariables environment)
    {
        var path = settings.Document.Path is { } found ? Path.GetFullPath(found) : null;
        return new SupervisorOptions
        {
            DataDirectory = Path.GetFullPath(settings.DataDirectory),
            Document = settings.Supervisor(),
            Reread = () => Settings.Load(path, environment).Supervisor(),
            Version = ProductVersion.Number,
            Foundation = Foundation(environment),
            Shim = Environment.ProcessPath is { } program ? (program, ExecShim.Verb) : null,
            DockerHost = settings.DockerHost,
            NotifySocket = environment[EnvironmentVariables.NotifySocket],
            Watchdog = Watchdog(environment, Environment.ProcessId),
        };
    }

    /// <summary>Variables that every component gets unless drover.yaml says otherwise.</summary>
    internal static IReadOnlyDictionary<string, string> Foundation(EnvironmentVariables environment)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = environment["PATH"] ?? UsualPath,
        };
        foreach (var name in HandedOn)
        {
            if (environment[name] is { } value)
            {
                variables[name] = value;
            }
        }

        return variables;
    }

    /// <summary>
    /// How long the service manager waits for a word; null where it does not, or means another process.
    /// </summary>
    internal static TimeSpan? Watchdog(EnvironmentVariables environment, int ownProcess)
    {
        var isOurs = environment[EnvironmentVariables.WatchdogProcess] is not { } process
            || process == ownProcess.ToString(CultureInfo.InvariantCulture);
        return isOurs
            && long.TryParse(
                environment[EnvironmentVariables.WatchdogMicroseconds],
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out var microseconds)
            && microseconds > 0
                ? TimeSpan.FromMicroseconds(microseconds)
                : null;
    }
}
