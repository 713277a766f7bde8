using System.CommandLine;
using Drover.Roles;
using Drover.Terminal;
using Directories = Drover.Runtime.Configuration.DataDirectory;

namespace Drover.Commands;

/// <summary><c>drover server</c>: the control plane alone.</summary>
internal static class ServerCommand
{
    public static Command Create(VerbContext verbs)
    {
        var listen = SharedOptions.Listen();
        var command = new Command(
            "server",
            "Run the server alone, in the foreground. Host agents join with a token of `drover token create`.")
        {
            listen,
            CertificateCommand.Create(verbs),
        };
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var settings = verbs.Settings(parsed);
            settings.ChosenListen = parsed.GetValue(listen);
            Directories.Ensure(settings.DataDirectory);
            return await RoleHost.RunAsync(
                verbs,
                settings,
                parsed.GetValue(verbs.Shared.Debug),
                (roles, starting) => StartAsync(verbs, roles, starting),
                cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task StartAsync(VerbContext verbs, RoleHost roles, CancellationToken cancellationToken)
    {
        await roles.StartServerAsync(cancellationToken).ConfigureAwait(false);
        var screen = verbs.Screen;
        screen.Out.WriteLine(
            $"drover server {ProductVersion.Number} listens on {roles.Server!.Listens}");
        if (roles.Server.Pin is { } pin)
        {
            screen.Out.WriteLine($"certificate pin {pin}");
        }

        screen.Out.WriteLine(
            Paint.OneLine($"data directory {roles.Settings.DataDirectory}, socket {roles.Server.SocketPath}"));
        if (roles.AdminToken() is { } token)
        {
            screen.Out.WriteLine(Paint.OneLine($"admin token {token}"));
        }

        screen.Out.Flush();
    }
}
