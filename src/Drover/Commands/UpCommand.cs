using System.CommandLine;
using Drover.Roles;
using Directories = Drover.Runtime.Configuration.DataDirectory;

namespace Drover.Commands;

/// <summary>
/// <c>drover up</c>: all that this machine runs in one process: server and host agent unless drover.yaml leaves one of
/// them out, supervisor and gateway where it has them (docs/decisions/0018, 0081 and 0136).
/// </summary>
internal static class UpCommand
{
    public static Command Create(VerbContext verbs)
    {
        var listen = SharedOptions.Listen();
        var command = new Command(
            "up",
            "Run Drover on this machine: server and host agent in the foreground, unless drover.yaml leaves one out. "
                + "Where drover.yaml has `supervisor` its components are kept alive as well, and where it has "
                + "`gateway` hostnames lead to its agents; server and host agent then run where the file has "
                + "`server` or `host_agent`. Ctrl-C ends it.")
        {
            listen,
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var settings = verbs.Settings(parsed);
            settings.ChosenListen = parsed.GetValue(listen);
            Directories.Ensure(settings.DataDirectory);
            var drover = OwnName.Again(
                verbs.Environment, settings.DataDirectory, parsed.GetValue(verbs.Shared.Config),
                Environment.ProcessPath, Environment.CurrentDirectory);
            return await RoleHost.RunAsync(
                verbs,
                settings,
                parsed.GetValue(verbs.Shared.Debug),
                (roles, starting) => StartAsync(verbs, roles, drover, starting),
                cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    /// <summary>The host agent last: without its server it may wait for hours, and the others do not.</summary>
    private static async Task StartAsync(
        VerbContext verbs, RoleHost roles, string drover, CancellationToken cancellationToken)
    {
        var settings = roles.Settings;
        if (settings.UpRunsServer)
        {
            await roles.StartServerAsync(cancellationToken).ConfigureAwait(false);
        }

        if (settings.UpRunsSupervisor)
        {
            var besideOthers = settings.UpRunsServer || settings.UpRunsAgent || settings.UpRunsGateway;
            await roles.StartSupervisorAsync(besideOthers, cancellationToken).ConfigureAwait(false);
        }

        if (settings.UpRunsGateway)
        {
            await roles.StartGatewayAsync(cancellationToken).ConfigureAwait(false);
        }

        UpGreeting.Write(verbs, roles, drover);
        if (settings.UpRunsAgent)
        {
            var options = roles.Server is null
                ? HostAgentCommand.Options(settings, verbs.Environment)
                : await roles.OwnAgentAsync(cancellationToken).ConfigureAwait(false);
            await roles.StartAgentAsync(options, cancellationToken).ConfigureAwait(false);
        }

        if (roles.Server is null)
        {
            roles.GiveBackWhatIsNotNeeded();
        }
    }
}
