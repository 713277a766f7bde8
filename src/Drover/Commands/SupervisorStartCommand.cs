using System.CommandLine;
using Drover.Configuration;
using Drover.Core.Components;
using Drover.Roles;
using Drover.Runtime.Configuration;
using Drover.Supervisor;
using Drover.Supervisor.Control;
using Drover.Supervisor.Daemon;
using Drover.Terminal;

namespace Drover.Commands;

/// <summary>
/// <c>drover supervisor start</c>: the supervisor in the background, and back when it answers; or one component of one
/// that runs.
/// </summary>
internal static class SupervisorStartCommand
{
    private static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan OthersPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan OthersPause = TimeSpan.FromMilliseconds(50);

    public static Command Create(VerbContext verbs)
    {
        var component = ComponentArgument.Create(
            verbs, "Which component, with what it depends on; else all, and the supervisor itself");
        var wait = SharedOptions.Duration(
            "--wait",
            "How long to wait until what is started is ready (default 30s; 0 not at all)",
            TimeSpan.Zero,
            TimeSpan.FromHours(1));
        var output = SharedOptions.Output();
        var command = new Command(
            "start",
            "Start the supervisor in the background and all components, or one component of a supervisor that runs. "
                + "Returns when they are ready; exit code 7 when some are not yet, 1 when one failed. Where a "
                + "supervisor runs already it is the one that is asked.")
        {
            component, wait, output,
        };
        SupervisorLink.Run(command, async (parsed, cancellationToken) =>
        {
            var settings = verbs.Settings(parsed);
            var name = parsed.GetValue(component);
            _ = ComponentArgument.Chosen(settings.Supervisor(), name);
            var isNew = name is null
                && await BeginAsync(verbs, parsed, settings, cancellationToken).ConfigureAwait(false);
            var client = SupervisorLink.Open(verbs, parsed);
            var patience = parsed.GetValue(wait) ?? UsualWait;
            var outcome = await (isNew
                ? UntilReadyAsync(client, patience, verbs.Time, cancellationToken)
                : client.OrderAsync(ControlVerb.Start, name, patience, cancellationToken)).ConfigureAwait(false);
            if (name is null)
            {
                verbs.Screen.Error.WriteLine(isNew
                    ? "The supervisor runs in the background; what it says itself is in "
                        + $"{RestingRecords.LogOf(settings.DataDirectory)}"
                    : "The supervisor ran already; what rested was started.");
            }

            return SupervisorOrderCommand.Tell(verbs, outcome, parsed.GetValue(output) == SharedOptions.Json);
        });
        return command;
    }

    /// <summary>Brings a supervisor into being where none runs; false where one does.</summary>
    private static async Task<bool> BeginAsync(
        VerbContext verbs, ParseResult parsed, Settings settings, CancellationToken cancellationToken)
    {
        var client = SupervisorLink.Open(verbs, parsed);
        if (await AnswersAsync(client, cancellationToken).ConfigureAwait(false))
        {
            return false;
        }

        RefuseNothing(settings);
        using var progress = new Progress(verbs.Screen, verbs.Time);
        progress.Say("starting the supervisor");
        try
        {
            await SupervisorLauncher.StartAsync(
                Spec(verbs, settings, parsed.GetValue(verbs.Shared.Debug)), verbs.Time, cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (SupervisorStartException error)
        {
            // Somebody else was faster: theirs is the one that is wanted.
            return await OtherAnswersAsync(client, settings.DataDirectory, verbs.Time, cancellationToken)
                .ConfigureAwait(false)
                    ? false
                    : throw RoleFailure.Explain(error)!;
        }
    }

    private static async Task<bool> AnswersAsync(ControlClient client, CancellationToken cancellationToken)
    {
        try
        {
            await client.StatusAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (SupervisorNotRunningException)
        {
            return false;
        }
    }

    /// <summary>True once one answers; false when the directory is nobody's, or its holder does not answer.</summary>
    private static async Task<bool> OtherAnswersAsync(
        ControlClient client, string dataDirectory, TimeProvider time, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        while (RestingRecords.IsHeld(dataDirectory) && time.GetElapsedTime(start) < OthersPatience)
        {
            if (await AnswersAsync(client, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            await Task.Delay(OthersPause, time, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>
    /// A supervisor of nothing would start, say that all is well, and keep nothing alive: most often the verb was typed
    /// in the wrong directory.
    /// </summary>
    private static void RefuseNothing(Settings settings)
    {
        if (settings.Supervisor().Components.Count > 0)
        {
            return;
        }

        throw settings.Document.Path is { } path
            ? new CliException(
                ExitCode.ConfigInvalid,
                $"cannot start the supervisor: \"{path}\" has no components under supervisor.components",
                "name what is to be kept alive there, or name another file with --config")
            : new CliException(
                ExitCode.ConfigInvalid,
                $"cannot start the supervisor: there is no drover.yaml in \"{Environment.CurrentDirectory}\" nor in "
                    + "/etc/drover",
                RestingRecords.Configuration(settings.DataDirectory) is { } last
                    ? $"the one before was started with: --config {last}"
                    : "go to the directory of the file, or name it with --config");
    }

    /// <summary>
    /// A new supervisor starts everything by itself: no order, which would start again what has completed meanwhile.
    /// </summary>
    private static async Task<OrderOutcome> UntilReadyAsync(
        ControlClient client, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var status = await client.StatusAsync(cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var changes = client.WatchAsync(either.Token).ConfigureAwait(false);
            await foreach (var change in changes)
            {
                status = change;
                if (status.Components.All(IsSettled))
                {
                    return new OrderOutcome(Done: true, status.Components);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The patience is over.
        }

        return new OrderOutcome(status.Components.All(IsSettled), status.Components);
    }

    /// <summary>It serves, has done its work, was given up, or is not ours to start.</summary>
    private static bool IsSettled(ComponentStatus component) =>
        component.Kind is ComponentKind.External
        || component.State is ComponentState.Running or ComponentState.Failed
        || (component.State is ComponentState.Stopped && component.WaitsFor.Count == 0);

    // The daemon's directory is /, so that everything that counts from this one is handed over whole.
    private static DaemonSpec Spec(VerbContext verbs, Settings settings, bool debug) => new()
    {
        Executable = Environment.ProcessPath
            ?? throw new CliException(ExitCode.Failed, "cannot start the supervisor: the system does not say which "
                + "file this program is"),
        Arguments =
        [
            "supervisor", "run",
            .. settings.Document.Path is { } path ? new[] { "--config", Path.GetFullPath(path) } : [],
            .. debug ? new[] { "--debug" } : [],
        ],
        Environment = EnvironmentOf(verbs, settings),
        DataDirectory = settings.DataDirectory,
    };

    private static Dictionary<string, string> EnvironmentOf(VerbContext verbs, Settings settings)
    {
        var environment = new Dictionary<string, string>(QuietRuntime.Variables, StringComparer.Ordinal);
        foreach (var (name, value) in verbs.Environment.All)
        {
            environment[name] = value;
        }

        environment[EnvironmentVariables.DataDirectory] = settings.DataDirectory;
        return environment;
    }
}
