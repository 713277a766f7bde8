using System.Text.Json;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands.Handlers;

/// <summary>
/// What <c>restart</c>, <c>start</c> and <c>stop</c> share: find the container, ask the host's policy about it, act,
/// and report the state it is in afterwards, whether the action went well or not.
/// </summary>
internal abstract class ContainerAction(IContainerEngine engine, HostPolicy policy) : ICommandHandler
{
    private const int DefaultStopTimeout = 10;

    /// <summary>The engine.</summary>
    protected IContainerEngine Engine { get; } = engine;

    /// <summary>The code of an error that the engine answers with.</summary>
    protected abstract string FailureCode { get; }

    public async Task<CommandOutcome> ExecuteAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var containers = await Engine.ListAsync(cancellationToken);
            return AppResolver.Resolve(containers, context.AppCode, context.Parameters.Container) switch
            {
                AppResolution.Found found
                    when PolicyGate.Objection(policy, context.Type, found.Container) is { } objection =>
                    FailureResults.Of(context, objection),
                AppResolution.Found found => await ActAndLookAsync(context, found.Container, cancellationToken),
                AppResolution.NotFound missing => FailureResults.Of(context, missing.Error),
                AppResolution.Ambiguous several => FailureResults.Of(context, several.Error),
                _ => throw new InvalidOperationException("a resolution of no known kind"),
            };
        }
        catch (DockerException error)
        {
            return FailureResults.Of(context, DockerErrors.Of(error, FailureCode));
        }
    }

    /// <summary>
    /// Does it; adds to <paramref name="errors"/> what went wrong on the way although it went well in the end.
    /// </summary>
    /// <returns>True when it changed something, false when all was so already.</returns>
    protected abstract Task<bool> ActAsync(
        CommandContext context,
        ContainerSummary container,
        List<CommandErrorDto> errors,
        CancellationToken cancellationToken);

    /// <summary>How long the container has between its stop signal and SIGKILL.</summary>
    protected static TimeSpan StopTimeout(CommandContext context) =>
        TimeSpan.FromSeconds(context.Parameters.StopTimeout ?? DefaultStopTimeout);

    private async Task<CommandOutcome> ActAndLookAsync(
        CommandContext context, ContainerSummary container, CancellationToken cancellationToken)
    {
        var errors = new List<CommandErrorDto>();
        bool? changed = null;
        try
        {
            changed = await ActAsync(context, container, errors, cancellationToken);
        }
        catch (DockerException error)
        {
            errors.Add(DockerErrors.Of(error, FailureCode));
        }

        var engineState = await StateAfterwardsAsync(container.Id, errors, cancellationToken);
        var success = changed is not null;
        var result = new ActionResult(
            context.Type,
            context.DeploymentHash,
            context.AppCode,
            success ? HealthStates.Ok : "failed",
            engineState is null ? HealthStates.UnknownState : HealthStates.StateOf(engineState),
            errors,
            changed);
        return new CommandOutcome(
            success,
            JsonSerializer.SerializeToElement(result, WireJson.Default.ActionResult),
            success ? [] : errors,
            new AppStanding(context.AppCode, engineState is null ? "error" : HealthStates.AppStatusOf(engineState)));
    }

    private async Task<string?> StateAfterwardsAsync(
        string id, List<CommandErrorDto> errors, CancellationToken cancellationToken)
    {
        try
        {
            return (await Engine.InspectAsync(id, cancellationToken)).State.Status;
        }
        catch (DockerException error)
        {
            var mapped = DockerErrors.Of(error, FailureCode);
            if (errors.All(known => known.Code != mapped.Code))
            {
                errors.Add(mapped);
            }

            return null;
        }
    }
}
