using System.CommandLine;
using Drover.Supervision;

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
            "Show every component. Exit code 3 when no supervisor runs.")
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

            view.Show(await client.StatusAsync(cancellationToken).ConfigureAwait(false));
            return ExitCode.Ok;
        });
        return command;
    }
}
