using System.CommandLine;
using Drover.Configuration;
using Drover.Roles;
using Drover.Runtime.Configuration;
using Drover.Terminal;
using Directories = Drover.Runtime.Configuration.DataDirectory;

namespace Drover.Commands;

/// <summary>
/// <c>drover up</c>: everything drover.yaml names, in one process; without a file, server and host agent of this
/// machine.
/// </summary>
internal static class UpCommand
{
    public static Command Create(VerbContext verbs)
    {
        var command = new Command(
            "up",
            "Run Drover on this machine: the roles drover.yaml names, else server and host agent, in the foreground. "
                + "Ctrl-C ends it.");
        VerbContext.Run(command, async (parsed, cancellationToken) =>
        {
            var settings = verbs.Settings(parsed);
            Directories.Ensure(settings.DataDirectory);
            var roles = new RoleHost(verbs, settings, parsed.GetValue(verbs.Shared.Debug));
            await using (roles.ConfigureAwait(false))
            {
                return await RunAsync(verbs, roles, cancellationToken).ConfigureAwait(false);
            }
        });
        return command;
    }

    private static async Task<ExitCode> RunAsync(VerbContext verbs, RoleHost roles, CancellationToken cancellationToken)
    {
        var settings = roles.Settings;
        if (!settings.LeavesOut(DroverYaml.Server.Section))
        {
            await roles.StartServerAsync(cancellationToken).ConfigureAwait(false);
        }

        var withAgent = !settings.LeavesOut(DroverYaml.Agent.Section);
        Greet(verbs, roles, withAgent);
        if (withAgent)
        {
            var options = roles.Server is null
                ? HostAgentCommand.Options(settings, verbs.Environment)
                : await roles.OwnAgentAsync(cancellationToken).ConfigureAwait(false);
            await roles.StartAgentAsync(options, cancellationToken).ConfigureAwait(false);
        }

        return await roles.StayAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Greet(VerbContext verbs, RoleHost roles, bool withAgent)
    {
        var screen = verbs.Screen;
        var settings = roles.Settings;
        var paint = screen.OutPaint;
        screen.Out.WriteLine(
            $"{paint.Apply(Tone.Strong, $"drover {ProductVersion.Number}")} is up on {Environment.MachineName}");
        screen.Out.WriteLine();
        if (roles.Server is { } server)
        {
            Line(screen, "address", server.Address.ToString().TrimEnd('/'));
        }

        Line(
            screen,
            "data directory",
            $"{settings.DataDirectory}  ({EnvironmentVariables.DataDirectory} or data_dir in drover.yaml changes it)");
        if (withAgent)
        {
            Line(screen, "docker", settings.DockerHost);
        }

        if (roles.AdminToken() is { } token)
        {
            Line(screen, "admin token", token);
        }

        if (roles.Server is not null)
        {
            var prefix = settings.DataDirectoryIsChosen && settings.Document.Path is null
                ? $"{EnvironmentVariables.DataDirectory}={settings.DataDirectory} "
                : "";
            screen.Out.WriteLine();
            screen.Out.WriteLine("Next, in another terminal:");
            screen.Out.WriteLine();
            screen.Out.WriteLine($"  {prefix}drover ps --watch");
            screen.Out.WriteLine($"  {prefix}drover logs APP --follow");
            screen.Out.WriteLine($"  {prefix}drover restart APP");
        }

        screen.Out.WriteLine();
        screen.Out.Flush();
    }

    private static void Line(Screen screen, string name, string value) =>
        screen.Out.WriteLine($"  {screen.OutPaint.Apply(Tone.Dim, name.PadRight(15))} {Paint.OneLine(value)}");
}
