using System.CommandLine;
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
                + "against the processes that there are.")
        {
            verbose, watch, output,
        };
        SupervisorLink.Run(command, async (parsed, cancellationToken) =>
        {
            var client = SupervisorLink.Open(verbs, parsed);
            var view = new StatusView(verbs, parsed.GetValue(verbose), parsed.GetValue(output) == SharedOptions.Json);
            if (parsed.GetValue(watch))
            {
                await view.WatchAsync(client, cancellationToken).ConfigureAwait(false);
                return ExitCode.Ok;
            }

            var status = await ReadAsync(verbs, client, parsed, cancellationToken).ConfigureAwait(false);
            view.Show(status);
            if (status.Pid is not null)
            {
                return ExitCode.Ok;
            }

            var screen = verbs.Screen;
            screen.Out.Flush();
            screen.Error.WriteLine(screen.ErrorPaint.Apply(
                Tone.Warning,
                "No supervisor runs: this is what was recorded last, held against the processes that there are. "
                    + "`drover supervisor start` starts one."));
            return ExitCode.NotReachable;
        });
        return command;
    }

    private static async Task<SupervisorStatus> ReadAsync(
        VerbContext verbs, ControlClient client, ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await client.StatusAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SupervisorNotRunningException)
        {
            var settings = verbs.Settings(parsed);

            // One that begins or ends holds the directory and does not answer.
            if (RestingStatus.Read(
                settings.DataDirectory, settings.Supervisor(), ProductVersion.Number, verbs.Time) is { } resting)
            {
                return resting;
            }

            throw;
        }
    }
}
