using System.CommandLine;
using Drover.Runtime.Docker;
using Drover.Supervision;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary><c>drover supervisor status</c>: every component, once or for as long as somebody watches.</summary>
internal static class SupervisorStatusCommand
{
    public static Command Create(VerbContext verbs)
    {
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show every probe" };
        var watch = new Option<bool>("--watch", "-w") { Description = "Stay and follow changes" };
        var output = SharedOptions.Output();
        var command = new Command(
            "status",
            "Show every component. Exit code 3 when no supervisor runs: then what was recorded last is shown, held "
                + "against the processes and containers that there are.")
        {
            verbose, watch, output,
        };
        SupervisorLink.Run(command, async (parsed, cancellationToken) =>
        {
            var client = SupervisorLink.Open(verbs, parsed);
            var view = new StatusView(verbs, parsed.GetValue(verbose), parsed.GetValue(output) == SharedOptions.Json);
            SupervisorStatus status;
            try
            {
                if (parsed.GetValue(watch))
                {
                    await view.WatchAsync(client, cancellationToken).ConfigureAwait(false);
                    return ExitCode.Ok;
                }

                status = await client.StatusAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (SupervisorNotRunningException unanswered)
            {
                // None: one that begins or ends holds the directory and does not answer.
                status = await AtRestAsync(verbs, parsed, cancellationToken).ConfigureAwait(false)
                    ?? throw SupervisorLink.StartsOrEnds(verbs, parsed, unanswered);
            }

            view.Show(status);
            return status.Pid is null ? SayItRests(verbs.Screen) : ExitCode.Ok;
        });
        return command;
    }

    private static async Task<SupervisorStatus?> AtRestAsync(
        VerbContext verbs, ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = SupervisorLink.SettingsToLook(verbs, parsed);
        try
        {
            return await RestingStatus.ReadAsync(
                settings.DataDirectory,
                settings.Supervisor(),
                ProductVersion.Number,
                () => new DockerClient(DockerEndpoint.Parse(settings.DockerHost), verbs.Time),
                verbs.Time,
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw SupervisorLink.Unreadable("what the supervisor recorded", settings.DataDirectory, error);
        }
    }

    private static ExitCode SayItRests(Screen screen)
    {
        screen.Out.Flush();
        screen.Error.WriteLine(screen.ErrorPaint.Apply(
            Tone.Warning,
            "No supervisor runs: this is what was recorded last, held against what there is. "
                + "`drover supervisor start` starts one."));
        return ExitCode.NotReachable;
    }
}
