using Drover.Terminal;
using Drover.Wire.Client;
using Drover.Wire.Commands;
using Drover.Wire.People;

namespace Drover;

/// <summary>
/// Orders a command and stays until it is final. The order carries an id of ours, so that asking twice orders once.
/// </summary>
internal sealed class OrderRunner(
    DroverClient client, TimeProvider time, Progress? quiet = null, Action<CommandDto>? onState = null)
{
    private const int OrderAttempts = 3;
    private static readonly TimeSpan Glance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>The command as it ended, or as it stands after <paramref name="wait"/>.</summary>
    public async Task<CommandDto> RunAsync(OrderRequest order, TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var command =
            await OrderAsync(
                order with { RequestId = Guid.NewGuid().ToString() }, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            onState?.Invoke(command);
            quiet?.Say($"{command.Type} {command.AppCode} on {command.HostName}: {Words(command.Status)}");
            var left = wait - time.GetElapsedTime(started);
            if (CommandStates.IsFinal(command.Status) || left <= TimeSpan.Zero)
            {
                return command;
            }

            try
            {
                command =
                    await client.WaitForCommandAsync(
                        command.CommandId, Next(command, left), cancellationToken).ConfigureAwait(false);
            }
            catch (ServerUnreachableException error)
            {
                // The order is stored: a server that restarts meanwhile still knows it.
                quiet?.Say($"{error.Message}; the order stands, asking again");
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Refuses a command that did not end well, with the exit code of its first error.</summary>
    public static void ThrowUnlessCompleted(CommandDto command)
    {
        if (command.Status == CommandStates.Completed)
        {
            return;
        }

        var first = command.Errors is { Count: > 0 } errors ? errors[0] : null;
        var sentence = first?.Message ?? command.Error;
        throw command.Status switch
        {
            CommandStates.Failed => new CliException(
                Code(first?.Code),
                sentence ?? $"cannot {command.Type} \"{command.AppCode}\": the host did not say why",
                Hint(first)),
            CommandStates.Cancelled =>
                new CliException(ExitCode.Failed, $"cannot {command.Type} \"{command.AppCode}\": it was cancelled"),
            CommandStates.Expired => new CliException(
                ExitCode.TimedOut,
                $"cannot {command.Type} \"{command.AppCode}\": "
                    + $"{sentence ?? "it was not taken or finished in its time"}"),
            _ => new CliException(
                ExitCode.TimedOut,
                $"cannot say how the {command.Type} of \"{command.AppCode}\" on {command.HostName} ends: it is still "
                    + $"{command.Status}",
                $"it stands as {command.CommandId}; `drover commands` shows how it goes on, `drover hosts` whether its "
                    + "host is live"),
        };
    }

    // The server answers a wait when the command ends; what lies before the end is only seen by asking again.
    private TimeSpan Next(CommandDto command, TimeSpan left) =>
        quiet is null || command.Status == CommandStates.Executing || left < Glance ? left : Glance;

    private static string Words(string status) => status switch
    {
        CommandStates.Queued => "queued, waiting for the host to take it",
        CommandStates.Leased => "taken by the host",
        _ => status,
    };

    private static ExitCode Code(string? error) => error switch
    {
        CommandErrors.ContainerNotFound => ExitCode.NotFound,
        CommandErrors.ContainerAmbiguous => ExitCode.Ambiguous,
        CommandErrors.PolicyDenied => ExitCode.Refused,
        CommandErrors.DeadlineExceeded => ExitCode.TimedOut,
        _ => ExitCode.Failed,
    };

    private static string? Hint(CommandErrorDto? error) => error?.Code switch
    {
        CommandErrors.ContainerAmbiguous when error.Details?.GetValueOrDefault("candidates") is { } candidates =>
            $"choose one with --container: {candidates}",
        CommandErrors.ContainerNotFound => "`drover ps` lists the apps",
        CommandErrors.PolicyDenied => "the policy is set on the host itself: host_agent.policy in its drover.yaml",
        CommandErrors.DockerUnavailable => "`drover doctor` on that host says what is wrong with its Docker Engine",
        _ => null,
    };

    private async Task<CommandDto> OrderAsync(OrderRequest order, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await client.OrderAsync(order, cancellationToken).ConfigureAwait(false);
            }
            catch (ServerUnreachableException) when (attempt < OrderAttempts)
            {
                await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
