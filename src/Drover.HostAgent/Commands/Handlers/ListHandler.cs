using System.Text.Json;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Wire;
using Drover.Wire.Commands;
using Drover.Wire.Inventory;

namespace Drover.HostAgent.Commands.Handlers;

/// <summary>Makes the inventory's record of a container, secrets taken out.</summary>
internal delegate ContainerDto NormaliseContainer(ContainerSummary summary, ContainerInspect inspected);

/// <summary>
/// <c>list</c>: the containers as the engine has them now. One that vanishes on the way is left out and spoils
/// nothing.
/// </summary>
internal sealed class ListHandler(IContainerEngine engine, NormaliseContainer normalise) : ICommandHandler
{
    private const int ParallelInspections = 8;

    public async Task<CommandOutcome> ExecuteAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var summaries = await engine.ListAsync(cancellationToken);
            var containers = new ContainerDto?[summaries.Count];
            var options = new ParallelOptions
            {
                MaxDegreeOfParallelism = ParallelInspections,
                CancellationToken = cancellationToken,
            };
            await Parallel.ForAsync(
                0,
                summaries.Count,
                options,
                async (index, token) => containers[index] = await InspectAsync(summaries[index], token));
            var result = new ListResult(
                context.Type,
                context.DeploymentHash,
                [.. containers.OfType<ContainerDto>().OrderBy(container => container.Name, StringComparer.Ordinal)],
                []);
            return new CommandOutcome(true, JsonSerializer.SerializeToElement(result, WireJson.Default.ListResult), []);
        }
        catch (DockerException error)
        {
            return FailureResults.Of(context, DockerErrors.Of(error, CommandErrors.ListFailed));
        }
    }

    private async Task<ContainerDto?> InspectAsync(ContainerSummary summary, CancellationToken cancellationToken)
    {
        try
        {
            return normalise(summary, await engine.InspectAsync(summary.Id, cancellationToken));
        }
        catch (DockerApiException error) when (error.IsNotFound)
        {
            return null;
        }
    }
}
