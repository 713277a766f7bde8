using Drover.Runtime.Docker.Containers;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands.Handlers;

/// <summary><c>start</c>. A container that runs already is a success.</summary>
internal sealed class StartHandler(IContainerEngine engine, HostPolicy policy) : ContainerAction(engine, policy)
{
    protected override string FailureCode => CommandErrors.StartFailed;

    protected override Task<bool> ActAsync(
        CommandContext context,
        ContainerSummary container,
        List<CommandErrorDto> errors,
        CancellationToken cancellationToken) =>
        Engine.StartAsync(container.Id, cancellationToken);
}
