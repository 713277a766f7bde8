using System.CommandLine;
using Drover.Supervisor.Control;

namespace Drover.Commands;

/// <summary>
/// How the verbs reach the supervisor of this machine's data directory, and what its refusals mean for scripts.
/// </summary>
internal static class SupervisorLink
{
    /// <summary>A client for the supervisor that the configuration means.</summary>
    public static ControlClient Open(VerbContext verbs, ParseResult parsed) =>
        new(ControlPath.Of(verbs.DataDirectory(parsed)));

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

    /// <summary>The failure for people and scripts.</summary>
    public static CliException Explain(ControlException error) => new(
        error is SupervisorNotRunningException ? ExitCode.NotReachable : ExitCode.Failed,
        error.Message,
        error.Hint,
        error);
}
