using System.CommandLine;
using Drover.Core.Components;
using Drover.Supervision;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary>
/// <c>drover supervisor stop</c>, <c>restart</c> and <c>reload</c>, and the start of one component: orders to a running
/// supervisor.
/// </summary>
internal sealed class SupervisorOrderCommand(VerbContext verbs)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly Option<TimeSpan?> _wait = SharedOptions.Duration(
        "--wait",
        "How long to wait until it is done (default as long as it takes; 0 not at all)",
        TimeSpan.Zero,
        LongestWait);

    private readonly Option<string> _output = SharedOptions.Output();

    public static Command Stop(VerbContext verbs)
    {
        var order = new SupervisorOrderCommand(verbs);
        var component = ComponentArgument.Create(verbs, "Which component; else all, and the supervisor itself");
        var command = new Command(
            "stop",
            "Stop one component, or all of them and the supervisor: dependents first, the signal and the grace of "
                + "each, then SIGKILL until nothing is left. A component that was stopped stays so until it is "
                + "started.")
        {
            component, order._wait, order._output,
        };
        SupervisorLink.Run(command, (parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(component);
            return order.GiveAsync(
                parsed, name is null ? ControlVerb.Shutdown : ControlVerb.Stop, name, cancellationToken);
        });
        return command;
    }

    public static Command Restart(VerbContext verbs)
    {
        var order = new SupervisorOrderCommand(verbs);
        var component = ComponentArgument.Create(verbs, "Which component; else all, one after what it depends on");
        var command = new Command(
            "restart",
            "End the running instance of one component, or of all, and start another; what drover.yaml says by now "
                + "is taken up. Restarts by order do not count towards the limit.")
        {
            component, order._wait, order._output,
        };
        SupervisorLink.Run(
            command,
            (parsed, cancellationToken) =>
                order.GiveAsync(parsed, ControlVerb.Restart, parsed.GetValue(component), cancellationToken));
        return command;
    }

    public static Command Reload(VerbContext verbs)
    {
        var output = SharedOptions.Output();
        var command = new Command(
            "reload",
            "Read drover.yaml again: what is new is started, what is gone is stopped, policies and probes hold from "
                + "now on, a changed command waits for the component's restart. A file with a mistake changes nothing.")
        {
            output,
        };
        SupervisorLink.Run(command, async (parsed, cancellationToken) =>
        {
            // What is wrong with the file is said here, before the supervisor is asked to read it.
            _ = verbs.Settings(parsed).Supervisor();
            var outcome = await SupervisorLink.Open(verbs, parsed)
                .ReloadAsync(cancellationToken).ConfigureAwait(false);
            if (parsed.GetValue(output) == SharedOptions.Json)
            {
                JsonText.WriteOne(verbs.Screen, outcome, ControlJson.Default.ReloadOutcome);
            }
            else
            {
                Show(verbs.Screen, outcome);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Gives an order, waits as long as was asked for, and says what came of it.</summary>
    private async Task<ExitCode> GiveAsync(
        ParseResult parsed, ControlVerb verb, string? component, CancellationToken cancellationToken)
    {
        var wait = parsed.GetValue(_wait);
        var outcome = await (verb is ControlVerb.Shutdown
            ? SupervisorLauncher.StopAsync(verbs.DataDirectory(parsed), wait, verbs.Time, cancellationToken)
            : SupervisorLink.Open(verbs, parsed).OrderAsync(verb, component, wait, cancellationToken))
            .ConfigureAwait(false);
        var code = Tell(verbs, outcome, parsed.GetValue(_output) == SharedOptions.Json);
        return verb is ControlVerb.Shutdown && outcome.Done ? SayEnd(verbs.Screen, outcome) : code;
    }

    private static ExitCode SayEnd(Screen screen, OrderOutcome outcome)
    {
        var left = outcome.Components.Where(one => one.State is not ComponentState.Stopped).ToList();
        if (left.Count == 0)
        {
            screen.Error.WriteLine("The supervisor ended, and nothing of its components runs.");
            return ExitCode.Ok;
        }

        screen.Error.WriteLine(Paint.OneLine(
            "The supervisor ended, and could not end all of its components; the next start looks for what lives on."));
        foreach (var one in left)
        {
            screen.Error.WriteLine(Paint.OneLine($"{one.Name}: {one.LastError}"));
        }

        return ExitCode.Failed;
    }

    /// <summary>Says what came of an order, with the exit code for it.</summary>
    public static ExitCode Tell(VerbContext verbs, OrderOutcome outcome, bool json)
    {
        if (json)
        {
            JsonText.WriteOne(verbs.Screen, outcome, ControlJson.Default.OrderOutcome);
        }
        else
        {
            foreach (var one in outcome.Components)
            {
                verbs.Screen.Out.WriteLine($"{one.Name}: {StatusText.InOneLine(one)}");
            }
        }

        verbs.Screen.Out.Flush();
        if (outcome.Done)
        {
            // What was ordered to start and ended already has failed, whether or not it is tried again.
            return outcome.Components.Any(one => one.State is ComponentState.Failed or ComponentState.Backoff)
                ? ExitCode.Failed
                : ExitCode.Ok;
        }

        verbs.Screen.Error.WriteLine(
            "Not all of it is done yet; it goes on, and `drover supervisor status` shows how far it is.");
        return ExitCode.TimedOut;
    }

    private static void Show(Screen screen, ReloadOutcome outcome)
    {
        (string What, IReadOnlyList<string> Names)[] parts =
        [
            ("started", outcome.Added),
            ("stopped", outcome.Removed),
            ("changed", outcome.Changed),
            ("changed when restarted", outcome.RestartPending),
        ];
        foreach (var (what, names) in parts.Where(part => part.Names.Count > 0))
        {
            screen.Out.WriteLine($"{what}: {string.Join(", ", names)}");
        }

        if (parts.All(part => part.Names.Count == 0))
        {
            screen.Out.WriteLine("nothing changed");
        }
    }
}
