using System.Text.Json;
using Drover.HostAgent.Logs;
using Drover.Runtime.Docker;
using Drover.Runtime.Docker.Containers;
using Drover.Wire;
using Drover.Wire.Commands;

namespace Drover.HostAgent.Commands.Handlers;

/// <summary><c>logs</c>: one redacted page of an app's log.</summary>
internal sealed class LogsHandler(IContainerEngine engine, LogPageReader pages) : ICommandHandler
{
    // The older protocol's app status carries lines too; a glance is enough there.
    private const int AppStatusLines = 100;

    public async Task<CommandOutcome> ExecuteAsync(CommandContext context, CancellationToken cancellationToken)
    {
        try
        {
            var containers = await engine.ListAsync(cancellationToken);
            return AppResolver.Resolve(containers, context.AppCode, context.Parameters.Container) switch
            {
                AppResolution.Found found => await ReadAsync(context, found.Container, cancellationToken),
                AppResolution.NotFound missing => FailureResults.Of(context, missing.Error),
                AppResolution.Ambiguous several => FailureResults.Of(context, several.Error),
                _ => throw new InvalidOperationException("a resolution of no known kind"),
            };
        }
        catch (DockerException error)
        {
            return FailureResults.Of(context, DockerErrors.Of(error, CommandErrors.LogFetchFailed));
        }
    }

    private async Task<CommandOutcome> ReadAsync(
        CommandContext context, ContainerSummary container, CancellationToken cancellationToken)
    {
        var parameters = context.Parameters;
        LogCursor? cursor = parameters.Cursor is { } text && LogCursor.TryParse(text, out var parsed) ? parsed : null;
        EngineTimestamp? since =
            parameters.Since is { } moment && EngineTimestamp.TryParse(moment, out var at) ? at : null;
        var bounds = LogBounds.Page(parameters.Limit ?? LogBounds.DefaultLimit);
        var page = await pages.ReadAsync(
            new LogPageRequest(container.Id, cursor, since, parameters.Streams, bounds),
            new LineRedactor(),
            cancellationToken);
        var result = new LogsResult(
            context.Type,
            context.DeploymentHash,
            context.AppCode,
            page.Cursor?.ToString(),
            page.Truncated,
            page.Lines,
            []);
        return new CommandOutcome(
            true,
            JsonSerializer.SerializeToElement(result, WireJson.Default.LogsResult),
            [],
            new AppStanding(context.AppCode, HealthStates.AppStatusOf(container.State)),
            [.. page.Lines.TakeLast(AppStatusLines).Select(line => $"{line.Ts} [{line.Stream}] {line.Message}")]);
    }
}
