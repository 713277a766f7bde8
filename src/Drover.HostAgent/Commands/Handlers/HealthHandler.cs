using System.Text.Json;
using Drover.HostAgent.Metrics;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands.Handlers;

/// <summary>
/// <c>health</c>: state, status and metrics of one app, or of all. Fails closed: what the engine did not confirm just
/// now is not <c>ok</c>. Of <c>all</c>, containers that were never started or ended well (one-off jobs) are listed
/// and do not make the host unhealthy.
/// </summary>
internal sealed class HealthHandler(IContainerEngine engine, ContainerMetricsReader metrics, TimeProvider time)
    : ICommandHandler
{
    private const string All = "all";
    private const int ParallelInspections = 8;

    public async Task<CommandOutcome> ExecuteAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var containers = await engine.ListAsync(cancellationToken);
            return context.AppCode is All && context.Parameters.Container is null
                ? await OfAllAsync(context, containers, cancellationToken)
                : await OfOneAsync(context, containers, cancellationToken);
        }
        catch (DockerApiException error) when (error.IsNotFound)
        {
            return NotFound(context, DockerErrors.Of(error, CommandErrors.HealthUnavailable));
        }
        catch (DockerException error)
        {
            return FailureResults.Of(
                context, new CommandErrorDto(CommandErrors.HealthUnavailable, error.Message));
        }
    }

    private async Task<CommandOutcome> OfOneAsync(
        CommandContext context, IReadOnlyList<ContainerSummary> containers, CancellationToken cancellationToken)
    {
        switch (AppResolver.Resolve(containers, context.AppCode, context.Parameters.Container))
        {
            case AppResolution.NotFound missing:
                return NotFound(context, missing.Error);
            case AppResolution.Ambiguous several:
                return FailureResults.Of(context, several.Error);
            case AppResolution.Found found:
                var inspected = await engine.InspectAsync(found.Container.Id, cancellationToken);
                var confirmedAt = time.GetUtcNow();
                var state = inspected.State.Status;
                var result = new HealthResult(
                    context.Type,
                    context.DeploymentHash,
                    context.AppCode,
                    HealthStates.StatusOf(state, inspected.State.Health?.Status),
                    HealthStates.StateOf(state),
                    confirmedAt,
                    WantsMetrics(context) ? await metrics.ReadAsync(inspected, cancellationToken) : null,
                    []);
                return Success(result, new AppStanding(context.AppCode, HealthStates.AppStatusOf(state)));
            default:
                throw new InvalidOperationException("a resolution of no known kind");
        }
    }

    private async Task<CommandOutcome> OfAllAsync(
        CommandContext context, IReadOnlyList<ContainerSummary> containers, CancellationToken cancellationToken)
    {
        var confirmedAt = time.GetUtcNow();
        var read = WantsMetrics(context)
            ? await MetricsOfAsync(containers.Where(container => container.State is "running"), cancellationToken)
            : [];
        var each = containers
            .Select(container => new ContainerHealthDto(
                AppResolver.AppCodeOf(container),
                container.Name,
                HealthStates.StatusOf(container.State, HealthStates.HealthInSentence(container.Status)),
                HealthStates.StateOf(container.State),
                read.GetValueOrDefault(container.Id)))
            .OrderBy(health => health.ContainerName, StringComparer.Ordinal)
            .ToList();
        var counted = containers.Where(container => !HealthStates.IsAtRest(container)).ToList();
        var states = counted.Select(container => HealthStates.StateOf(container.State)).Distinct().ToList();
        var result = new HealthResult(
            context.Type,
            context.DeploymentHash,
            All,
            Worst(counted),
            states.Count == 1 ? states[0] : HealthStates.UnknownState,
            confirmedAt,
            null,
            [],
            each);
        return Success(result, standing: null);
    }

    private async Task<Dictionary<string, ContainerMetricsDto>> MetricsOfAsync(
        IEnumerable<ContainerSummary> running, CancellationToken cancellationToken)
    {
        var read = new Dictionary<string, ContainerMetricsDto>(StringComparer.Ordinal);
        var options =
            new ParallelOptions { MaxDegreeOfParallelism = ParallelInspections, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            running,
            options,
            async (container, token) =>
            {
                try
                {
                    var inspected = await engine.InspectAsync(container.Id, token);
                    if (await metrics.ReadAsync(inspected, token) is { } values)
                    {
                        lock (read)
                        {
                            read[container.Id] = values;
                        }
                    }
                }
                catch (DockerApiException error) when (error.IsNotFound)
                {
                    // It went away between the list and now; the list's word on it stands.
                }
            });
        return read;
    }

    private static string Worst(List<ContainerSummary> containers)
    {
        var statuses = containers
            .Select(
                container => HealthStates.StatusOf(container.State, HealthStates.HealthInSentence(container.Status)))
            .ToList();
        return statuses.Contains(HealthStates.Unhealthy) ? HealthStates.Unhealthy
            : statuses.Contains(HealthStates.UnknownStatus) ? HealthStates.UnknownStatus
            : HealthStates.Ok;
    }

    private static bool WantsMetrics(CommandContext context) => context.Parameters.IncludeMetrics ?? true;

    // What is not there is not healthy: a missing container is unhealthy, an unreachable engine unknown.
    private static CommandOutcome NotFound(CommandContext context, CommandErrorDto error)
    {
        var result = new HealthResult(
            context.Type,
            context.DeploymentHash,
            context.AppCode,
            HealthStates.Unhealthy,
            HealthStates.UnknownState,
            null,
            null,
            [error]);
        return new CommandOutcome(false, Json(result), [error], new AppStanding(context.AppCode, "error"));
    }

    private static CommandOutcome Success(HealthResult result, AppStanding? standing) =>
        new(true, Json(result), [], standing);

    private static JsonElement Json(HealthResult result) =>
        JsonSerializer.SerializeToElement(result, WireJson.Default.HealthResult);
}
