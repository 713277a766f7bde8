using System.Text.Json;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands;

/// <summary>
/// What came of one command: always with a result that fits the type's schema, on every failure path too.
/// </summary>
/// <param name="Success">It did what was ordered.</param>
/// <param name="Result">By type.</param>
/// <param name="Errors">What went wrong, in order.</param>
/// <param name="AppStatus">How the app stands afterwards, for the app status call; null when that is not known.</param>
/// <param name="LogLines">For the app status after a logs command.</param>
internal sealed record CommandOutcome(
    bool Success,
    JsonElement Result,
    IReadOnlyList<CommandErrorDto> Errors,
    AppStanding? AppStatus = null,
    IReadOnlyList<string>? LogLines = null);

/// <summary>How an app stands, in the words of the app status call.</summary>
/// <param name="AppCode">Which.</param>
/// <param name="Status"><c>running</c>, <c>stopped</c> or <c>error</c>.</param>
internal sealed record AppStanding(string AppCode, string Status);

/// <summary>One command as a handler gets it: parameters read and in range.</summary>
/// <param name="Type">One of <see cref="CommandTypes"/>.</param>
/// <param name="DeploymentHash">The host's opaque id.</param>
/// <param name="AppCode">As asked; never blank.</param>
/// <param name="Parameters">The innermost parameters.</param>
internal sealed record CommandContext(string Type, string DeploymentHash, string AppCode, CommandParameters Parameters);

/// <summary>Executes one type of command. Throws only what the Docker client throws and cancellation.</summary>
internal interface ICommandHandler
{
    /// <summary>Does it.</summary>
    Task<CommandOutcome> ExecuteAsync(CommandContext context, CancellationToken cancellationToken);
}
