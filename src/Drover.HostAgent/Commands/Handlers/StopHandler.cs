using Drover.Runtime.Docker.Containers;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands.Handlers;

/// <summary><c>stop</c>. A container that does not run is a success.</summary>
internal sealed class StopHandler(IContainerEngine engine, HostPolicy policy) : ContainerAction(engine, policy)
{
    protected override string FailureCode => CommandErrors.StopFailed;

    protected override Task<bool> ActAsync(
        CommandContext context,
        ContainerSummary container,
        List<CommandErrorDto> errors,
        CancellationToken cancellationToken) =>
        Engine.StopAsync(container.Id, StopTimeout(context), cancellationToken);
}
