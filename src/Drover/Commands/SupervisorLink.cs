using System.CommandLine;
using Drover.Configuration;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;

namespace Drover.Commands;

/// <summary>
/// How the verbs reach the supervisor of this machine's data directory, and what its refusals mean for scripts.
/// </summary>
internal static class SupervisorLink
{
    /// <summary>A client for the supervisor that the configuration means.</summary>
    public static ControlClient Open(VerbContext verbs, ParseResult parsed) =>
        new(ControlPath.Of(verbs.DataDirectory(parsed)));

    /// <summary>
    /// The configuration for those who only look: where none lies beside them and none is named, the one that the
    /// supervisor of the data directory was started with.
    /// </summary>
    public static Settings SettingsToLook(VerbContext verbs, ParseResult parsed)
    {
        var settings = verbs.Settings(parsed);
        if (parsed.GetValue(verbs.Shared.Config) is not null
            || settings.IsBesideUs
            || RestingRecords.Configuration(settings.DataDirectory) is not { } recorded
            || !File.Exists(recorded))
        {
            return settings;
        }

        var last = Settings.Load(recorded, verbs.Environment);
        return Path.GetFullPath(last.DataDirectory) == Path.GetFullPath(settings.DataDirectory) ? last : settings;
    }

    /// <summary>Gives a command its action; what the supervisor refuses becomes a sentence with an exit code.</summary>
    public static void Run(Command command, Func<ParseResult, CancellationToken, Task<ExitCode>> run) =>
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            try
            {
                return await run(parsed, cancellationToken).ConfigureAwait(false);
            }
            catch (ControlException error)
            {
                throw Explain(error);
            }
        });

    /// <summary>One holds the directory and does not answer: it has just begun, or has nearly ended.</summary>
    public static CliException StartsOrEnds(VerbContext verbs, ParseResult parsed, Exception unanswered) => new(
        ExitCode.NotReachable,
        $"cannot reach the supervisor at \"{ControlPath.Of(verbs.DataDirectory(parsed))}\": it starts or ends just now",
        "ask again in a moment",
        unanswered);

    /// <summary>The failure for people and scripts.</summary>
    public static CliException Explain(ControlException error) => new(
        error switch
        {
            SupervisorNotRunningException => ExitCode.NotReachable,
            { Refusal: ControlRefusal.NotFound } => ExitCode.NotFound,
            { Refusal: ControlRefusal.NotAllowed } => ExitCode.Refused,
            _ => ExitCode.Failed,
        },
        error.Message,
        error.Hint,
        error);

    /// <summary>What the supervisor has written down cannot be read by this user, or not at all.</summary>
    public static CliException Unreadable(string what, string dataDirectory, Exception error) => new(
        error is UnauthorizedAccessException ? ExitCode.Refused : ExitCode.Failed,
        $"cannot read {what} in \"{dataDirectory}\": {error.Message}",
        error is UnauthorizedAccessException ? "ask as the user that ran the supervisor, or with sudo" : null,
        error);
}
