using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands.Handlers;

/// <summary>
/// <c>restart</c>. With <c>force</c>, a restart that the engine refuses is followed by SIGKILL and a start; the
/// report of a forced success keeps what the first attempt said.
/// </summary>
internal sealed class RestartHandler(IContainerEngine engine, HostPolicy policy) : ContainerAction(engine, policy)
{
    protected override string FailureCode => CommandErrors.RestartFailed;

    protected override async Task<bool> ActAsync(
        CommandContext context,
        ContainerSummary container,
        List<CommandErrorDto> errors,
        CancellationToken cancellationToken)
    {
        try
        {
            await Engine.RestartAsync(container.Id, StopTimeout(context), cancellationToken);
            return true;
        }
        catch (DockerApiException error) when (context.Parameters.Force is true && !error.IsNotFound)
        {
            errors.Add(DockerErrors.Of(error, FailureCode));
        }

        try
        {
            await Engine.KillAsync(container.Id, cancellationToken);
        }
        catch (DockerApiException error) when (error.IsConflict)
        {
            // It does not run, which is what the kill was for.
        }

        await Engine.StartAsync(container.Id, cancellationToken);
        return true;
    }
}
