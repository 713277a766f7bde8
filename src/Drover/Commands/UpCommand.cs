using System.CommandLine;
using Drover.Configuration;
using Drover.Roles;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Directories = Drover.Runtime.Configuration.DataDirectory;

namespace Drover.Commands;

/// <summary>
/// <c>drover up</c>: server and host agent of this machine in one process, unless drover.yaml leaves one of them out
/// (docs/decisions/0018).
/// </summary>
internal static class UpCommand
{
    public static Command Create(VerbContext verbs)
    {
        var listen = SharedOptions.Listen();
        var command = new Command(
            "up",
            "Run Drover on this machine: server and host agent in the foreground, unless drover.yaml leaves one out. "
                + "Ctrl-C ends it.")
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

    private static async Task StartAsync(
        VerbContext verbs, RoleHost roles, string drover, CancellationToken cancellationToken)
    {
        var settings = roles.Settings;
        if (settings.UpRunsServer)
        {
            await roles.StartServerAsync(cancellationToken).ConfigureAwait(false);
        }

        Greet(verbs, roles, drover);
        if (settings.UpRunsAgent)
        {
            var options = roles.Server is null
                ? HostAgentCommand.Options(settings, verbs.Environment)
                : await roles.OwnAgentAsync(cancellationToken).ConfigureAwait(false);
            await roles.StartAgentAsync(options, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void Greet(VerbContext verbs, RoleHost roles, string drover)
    {
        var screen = verbs.Screen;
        var settings = roles.Settings;
        var paint = screen.OutPaint;
        screen.Out.WriteLine(
            $"{paint.Apply(Tone.Strong, $"drover {ProductVersion.Number}")} is up on {Environment.MachineName}: "
                + RolesOf(settings));
        screen.Out.WriteLine();
        Line(
            screen,
            roles.Server is null ? "server" : "address",
            roles.Server is { } server
                ? server.Listens
                : $"{Address(settings.AgentServer!)}  (host_agent.server in drover.yaml; no server runs here)");
        Line(
            screen,
            "data directory",
            $"{settings.DataDirectory}  ({EnvironmentVariables.DataDirectory} or data_dir in drover.yaml changes it)");
        Line(
            screen,
            settings.UpRunsAgent ? "docker" : "host agent",
            settings.UpRunsAgent
                ? settings.DockerHost
                : "none runs here: drover.yaml has `server` and no `host_agent` (`host_agent: {}` adds one)");
        if (roles.AdminToken() is { } token)
        {
            Line(screen, "admin token", token);
        }

        screen.Out.WriteLine();
        screen.Out.WriteLine("Next, in another terminal:");
        screen.Out.WriteLine();
        foreach (var verb in NextVerbs(roles, drover))
        {
            screen.Out.WriteLine(Paint.OneLine($"  {verb}"));
        }

        screen.Out.WriteLine();
        screen.Out.Flush();
    }

    internal static string RolesOf(Settings settings) => (settings.UpRunsServer, settings.UpRunsAgent) switch
    {
        (true, true) => "server and host agent",
        (true, false) => "server",
        _ => "host agent",
    };

    /// <summary>What a person does next; it depends on what runs here.</summary>
    private static string[] NextVerbs(RoleHost roles, string drover)
    {
        var settings = roles.Settings;
        if (roles.Server is null)
        {
            return [$"DROVER_SERVER={Address(settings.AgentServer!)} DROVER_TOKEN_FILE=FILE {drover} ps --watch"];
        }

        return settings.UpRunsAgent
            ? [$"{drover} ps --watch", $"{drover} logs APP --follow", $"{drover} restart APP"]
            : [$"{drover} token create --file FILE", $"{drover} hosts"];
    }

    private static string Address(Uri address) => address.ToString().TrimEnd('/');

    private static void Line(Screen screen, string name, string value) =>
        screen.Out.WriteLine($"  {screen.OutPaint.Apply(Tone.Dim, name.PadRight(15))} {Paint.OneLine(value)}");
}
