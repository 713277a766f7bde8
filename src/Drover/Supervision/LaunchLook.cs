using Drover.Runtime.Probing;
using Drover.Runtime.Processes;
using Drover.Supervisor.Documents;

namespace Drover.Supervision;

/// <summary>
/// What a launch would miss on this machine just now: programs, directories, files of variables and of secrets. A look
/// for people; a launch itself finds out again.
/// </summary>
internal static class LaunchLook
{
    private const UnixFileMode AnyExecute =
        UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The explanation with what is missing among its warnings.</summary>
    public static ComponentExplanation AddTo(ComponentExplanation explanation) => explanation with
    {
        Warnings =
        [
            .. explanation.Warnings,
            .. Missing(explanation.Component.Launch),
            .. explanation.Probes.SelectMany(probe => MissingOf(probe, explanation.Component.Launch)),
        ],
    };

    /// <summary>A command that is not there is an error at each run, and an error counts for nothing.</summary>
    private static IEnumerable<string> MissingOf(ProbeExplanation probe, LaunchDocument launch) =>
        probe.Target is ProbeTarget.Exec command && launch is ProcessLaunch process
            && command.Command[0].Contains('/', StringComparison.Ordinal)
            ? MissingProgram(
                $"{ExplanationText.Word(probe.Kind)}: exec",
                Path.GetFullPath(command.Command[0], process.WorkingDirectory))
            : [];

    private static IEnumerable<string> Missing(LaunchDocument launch) => launch switch
    {
        ProcessLaunch process =>
        [
            .. Directory.Exists(process.WorkingDirectory)
                ? Array.Empty<string>()
                : [$"working_directory: there is no directory \"{process.WorkingDirectory}\"."],
            .. MissingProgram("command", process.Command[0]),
            .. MissingFiles("env_file", process.EnvironmentFiles),
            .. process.User is { } user && !UserAccounts.Exists(user) ? [$"user: there is no user \"{user}\"."]
                : Array.Empty<string>(),
        ],
        ContainerLaunch container =>
        [
            .. MissingFiles("env_file", container.EnvironmentFiles),
            .. MissingFiles("container.secrets", container.Secrets.Values.Select(one => one.FilePath).OfType<string>()),
        ],
        _ => [],
    };

    // A program without a slash is looked up in the component's own PATH, which is not known here.
    private static IEnumerable<string> MissingProgram(string key, string program)
    {
        if (!program.StartsWith('/'))
        {
            yield break;
        }

        if (!File.Exists(program))
        {
            yield return $"{key}: there is no file \"{program}\".";
        }
        else if ((File.GetUnixFileMode(program) & AnyExecute) == 0)
        {
            yield return $"{key}: \"{program}\" is not executable.";
        }
    }

    private static IEnumerable<string> MissingFiles(string key, IEnumerable<string> paths) => paths
        .Where(path => !File.Exists(path))
        .Select(path => $"{key}: there is no file \"{path}\".");
}
