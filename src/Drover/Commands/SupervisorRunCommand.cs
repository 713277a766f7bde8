using System.CommandLine;
using Drover.Roles;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary>
/// <c>drover supervisor run</c>: the supervisor in the foreground, for terminals and service managers.
/// </summary>
internal static class SupervisorRunCommand
{
    public static Command Create(VerbContext verbs)
    {
        var command = new Command(
            "run",
            "Run the supervisor in the foreground. Ctrl-C stops it and all components, SIGHUP reads drover.yaml "
                + "again. Under "
                + "systemd it is of Type=notify.");
        VerbContext.Run(command, (parsed, cancellationToken) =>
        {
            var settings = verbs.Settings(parsed);
            return RoleHost.RunAsync(
                verbs,
                settings,
                parsed.GetValue(verbs.Shared.Debug),
                (roles, starting) => StartAsync(verbs, roles, starting),
                cancellationToken);
        });
        return command;
    }

    private static async Task StartAsync(VerbContext verbs, RoleHost roles, CancellationToken cancellationToken)
    {
        await roles.StartSupervisorAsync(besideOthers: false, cancellationToken).ConfigureAwait(false);
        roles.GiveBackWhatIsNotNeeded();
        var components = roles.Settings.Supervisor().Components;
        var screen = verbs.Screen;
        screen.Out.WriteLine(Paint.OneLine(
            $"drover supervisor {ProductVersion.Number} keeps {Count(components.Count)}, socket "
                + roles.Supervisor!.SocketPath));
        if (components.Count == 0)
        {
            screen.Error.WriteLine("drover.yaml has no components under supervisor.components.");
        }

        screen.Out.Flush();
    }

    private static string Count(int components) => components == 1 ? "1 component" : $"{components} components";
}
