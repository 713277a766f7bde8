using System.Globalization;
using Drover.Commands;
using Drover.Runtime.Configuration;
using Drover.Runtime.Processes.Shim;
using Drover.Supervisor;
using Drover.Supervisor.Daemon;

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
    /// <param name="settings">The file.</param>
    /// <param name="environment">The process's.</param>
    /// <param name="sharesProcess">Other roles run beside it: the service manager's word is then not its.</param>
    public static SupervisorOptions Options(
        Settings settings, EnvironmentVariables environment, bool sharesProcess = false)
    {
        var path = settings.Document.Path is { } found ? Path.GetFullPath(found) : null;
        return new SupervisorOptions
        {
            DataDirectory = Path.GetFullPath(settings.DataDirectory),
            Name = LinkSettings.NameOf(settings.Document, DroverYaml.Supervisor.Link, "supervisor"),
            Document = settings.Supervisor(),
            Server = Server(settings, environment, takesToken: !sharesProcess),
            Reread = () => Settings.Load(path, environment).Supervisor(),
            Configuration = path,
            Version = ProductVersion.Number,
            Foundation = Foundation(environment),
            Shim = Environment.ProcessPath is { } program ? (program, ExecShim.Verb) : null,
            DockerHost = settings.DockerHost,
            SharesProcess = sharesProcess,
            NotifySocket = sharesProcess ? null : environment[EnvironmentVariables.NotifySocket],
            StartSocket = sharesProcess ? null : environment[EnvironmentVariables.StartSocket],
            Watchdog = sharesProcess ? null : Watchdog(environment, Environment.ProcessId),
        };
    }

    /// <summary>The server that events go to; null where nothing speaks of one.</summary>
    /// <param name="settings">The file.</param>
    /// <param name="environment">The process's.</param>
    /// <param name="takesToken">The token of the environment is meant for the supervisor.</param>
    internal static SupervisorServerOptions? Server(
        Settings settings, EnvironmentVariables environment, bool takesToken)
    {
        var options = ServerOptions(settings);
        if (options is { Address: null, Token: null } && !File.Exists(options.CredentialsPath))
        {
            return null;
        }

        var given = takesToken ? HostAgentCommand.TokenOf(environment) : null;
        return given is null ? options : options with { Token = given };
    }

    /// <summary>What the file says of it.</summary>
    internal static SupervisorServerOptions ServerOptions(Settings settings)
    {
        var file = settings.Document;
        return new SupervisorServerOptions
        {
            Address = LinkSettings.ServerOf(file, DroverYaml.Supervisor.Link),
            Pin = LinkSettings.PinOf(file, DroverYaml.Supervisor.Link),
            Token = LinkSettings.TokenOf(file, DroverYaml.Supervisor.Link),
            Name = LinkSettings.NameOf(file, DroverYaml.Supervisor.Link, "supervisor"),
            CredentialsPath = CredentialsPath(settings),
            EventSpoolBytes = file.Get(DroverYaml.Supervisor.Link.EventSpool),
        };
    }

    /// <summary>Where the supervisor's credentials are, or will be.</summary>
    internal static string CredentialsPath(Settings settings) =>
        settings.Document.Get(DroverYaml.Supervisor.Link.Credentials)
        ?? new SupervisorPaths(settings.DataDirectory).Credentials;

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
