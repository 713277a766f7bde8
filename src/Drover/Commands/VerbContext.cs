using System.CommandLine;
using Drover.Configuration;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Drover.Wire.Client;

namespace Drover.Commands;

/// <summary>What every verb works with.</summary>
internal sealed class VerbContext(CliHost host, SharedOptions shared, CommandTree tree)
{
    public Screen Screen => host.Screen;

    public TerminalInput Input => host.Input;

    public EnvironmentVariables Environment => host.Environment;

    public TimeProvider Time => host.Time;

    public SharedOptions Shared => shared;

    /// <summary>From now on SIGHUP does this; null for the orderly end it otherwise asks for.</summary>
    public void OnHangUp(Action? instead) => host.OnHangUp = instead;

    public RootCommand Root => tree.Root;

    public DateTimeOffset Now => host.Time.GetUtcNow();

    /// <summary>The configuration that holds for this command line; invalid ones are refused here.</summary>
    public Settings Settings(ParseResult parsed) =>
        Drover.Configuration.Settings.Load(parsed.GetValue(shared.Config), host.Environment);

    /// <summary>
    /// The data directory that holds for this command line. A mistake elsewhere in drover.yaml does not matter: what
    /// runs can be asked and stopped all the same.
    /// </summary>
    public string DataDirectory(ParseResult parsed) =>
        Drover.Configuration.Settings.DataDirectoryOf(parsed.GetValue(shared.Config), host.Environment);

    /// <summary>A client for the server: of the address in the environment, else of this machine's socket.</summary>
    public ServerLink Connect(ParseResult parsed) =>
        ServerLink.Open(() => Settings(parsed), host.Environment, host.Time);

    /// <summary>
    /// Gives a command its action: <paramref name="run"/> returns the exit code, everything else is thrown.
    /// </summary>
    public static void Run(Command command, Func<ParseResult, CancellationToken, Task<ExitCode>> run) =>
        command.SetAction(
            async (parsed, cancellationToken) => (int)await run(parsed, cancellationToken).ConfigureAwait(false));

    /// <summary>As <see cref="Run"/>, with an open link to the server.</summary>
    public void RunWithServer(
        Command command, Func<ParseResult, DroverClient, CancellationToken, Task<ExitCode>> run) =>
        Run(command, async (parsed, cancellationToken) =>
        {
            using var link = Connect(parsed);
            return await run(parsed, link.Client, cancellationToken).ConfigureAwait(false);
        });
}
