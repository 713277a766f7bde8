using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Executes one command to an outcome, always: what is unknown, wrong, forbidden, too slow or a defect becomes a
/// failure in the schema of the command's type. Holds no state of its own.
/// </summary>
internal sealed partial class CommandExecutor(
    IReadOnlyDictionary<string, ICommandHandler> handlers,
    HostPolicy policy,
    TimeProvider time,
    ILogger<CommandExecutor> log)
{
    private const int LongestTimeoutSeconds = 3600;

    private readonly ILogger<CommandExecutor> _log = log;

    /// <summary>What is to be said about a command without executing it, or null when it may be executed.</summary>
    public CommandOutcome? Refuse(CommandDto command)
    {
        var error = !handlers.ContainsKey(command.Type)
            ? new CommandErrorDto(
                CommandErrors.UnknownType,
                $"cannot execute \"{command.Type}\": this agent knows {string.Join(", ", handlers.Keys.Order())}")
            : PolicyGate.Objection(policy, command.Type) ?? ParameterReader.Read(command, out _);
        return error is null
            ? null
            : FailureResults.Of(command.Type, command.DeploymentHash, ParameterReader.AppCodeOf(command), error);
    }

    /// <summary>Executes it.</summary>
    /// <param name="command">One that <see cref="Refuse"/> had no word about.</param>
    /// <param name="cutShort">Cancelled when the agent can wait no longer.</param>
    public async Task<CommandOutcome> ExecuteAsync(CommandDto command, CancellationToken cutShort)
    {
        if (ParameterReader.Read(command, out var context) is { } invalid)
        {
            return FailureResults.Of(command.Type, command.DeploymentHash, null, invalid);
        }

        var limit = TimeSpan.FromSeconds(Math.Clamp(command.TimeoutSeconds, 1, LongestTimeoutSeconds));
        using var deadline = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cutShort);
        try
        {
            // The wait ends with the deadline even where a handler does not.
            return await handlers[command.Type].ExecuteAsync(context!, either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (cutShort.IsCancellationRequested)
        {
            return FailureResults.Of(context!, Interrupted(command.Type, context!.AppCode));
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return FailureResults.Of(
                context!,
                new CommandErrorDto(
                    CommandErrors.DeadlineExceeded,
                    $"cannot {command.Type} \"{context!.AppCode}\": it took longer than its {limit.TotalSeconds:0} s; "
                    + "the engine may still complete it"));
        }
        catch (Exception error)
        {
            LogDefect(command.CommandId, command.Type, error);
            return FailureResults.Of(
                context!,
                new CommandErrorDto(
                    CommandErrors.Internal,
                    $"cannot {command.Type} \"{context!.AppCode}\": {error.GetType().Name} in the host agent; its log "
                        + "has more"));
        }
    }

    /// <summary>What is said of a command that was cut short.</summary>
    public static CommandErrorDto Interrupted(string type, string? appCode) => new(
        CommandErrors.Interrupted,
        $"cannot say what came of {type} \"{appCode ?? FailureResults.NoAppCode}\": the host agent ended while it ran; "
            + "look at the container's state");

    [LoggerMessage(2321, LogLevel.Error, "command {CommandId} ({Type}) failed by a defect of the agent")]
    private partial void LogDefect(string commandId, string type, Exception error);
}
