using Drover.Core.Events;
using Drover.Gateway.Documents;
using Drover.Gateway.Metrics;
using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;
using Drover.Runtime.Files;
using Drover.Runtime.Uplink;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Events;

/// <summary>
/// What this gateway tells of itself, and who is told: the log, those who read <see cref="Feed"/>,
/// <see cref="Webhooks"/>, and a server. Every part of the gateway publishes here and nowhere else. Owns the gateway's
/// directory as long as it lives.
/// </summary>
internal sealed partial class GatewayEvents : IEventPublisher, IAsyncDisposable
{
    private readonly FileLock _directory;
    private readonly WebhookSet _webhooks;
    private readonly RoleUplink? _uplink;
    private readonly EventJournal _journal;
    private readonly ILogger _logger;
    private Task _applied = Task.CompletedTask;

    private GatewayEvents(
        FileLock directory, WebhookSet webhooks, RoleUplink? uplink, EventJournal journal, ILogger logger) =>
        (_directory, _webhooks, _uplink, _journal, _logger) = (directory, webhooks, uplink, journal, logger);

    /// <summary>The newest events, for those who read.</summary>
    public EventFeed Feed => _journal.Feed;

    /// <summary>Those who are told over HTTP: how they stand, and what they did not take.</summary>
    public WebhookSet Webhooks => _webhooks;

    /// <summary>The way to the server that is told of events; null: there is none.</summary>
    public RoleUplink? Uplink => _uplink;

    /// <summary>Takes the gateway's directory and begins.</summary>
    /// <exception cref="GatewayStartException">The directory cannot be used.</exception>
    public static async Task<GatewayEvents> OpenAsync(
        GatewayOptions options, GatewayMetrics metrics, ILoggerFactory loggers, TimeProvider time)
    {
        var paths = new GatewayPaths(options.DataDirectory);
        var directory = TakeDirectory(paths);
        var counts = new EventMetrics(metrics.Registry);
        var webhooks = new WebhookSet(paths.Webhooks, counts, time, loggers.CreateLogger<WebhookSet>());
        RoleUplink? uplink = null;
        try
        {
            await webhooks.ApplyAsync(options.Document.Webhooks);
            uplink = options.Uplink is { } server ? RoleUplink.Start(server, loggers, time) : null;
            var log = new EventLogSink(loggers.CreateLogger<EventLogSink>());
            List<IEventSink> sinks = [log, counts, metrics, webhooks];
            if (uplink is not null)
            {
                sinks.Add(new UplinkSink(uplink));
            }

            var journal = new EventJournal(
                $"/gateways/{Uri.EscapeDataString(options.Name ?? Environment.MachineName)}",
                RunNumber.Take(paths.Run, time),
                sinks,
                time,
                loggers.CreateLogger<EventJournal>());
            return new GatewayEvents(directory, webhooks, uplink, journal, loggers.CreateLogger<GatewayEvents>());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await (uplink?.DisposeAsync() ?? ValueTask.CompletedTask);
            await webhooks.DisposeAsync();
            directory.Dispose();
            throw new GatewayStartException(
                $"cannot start the gateway in \"{options.DataDirectory}\": {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public void Publish(
        EventType type,
        string subject,
        EventSeverity? severity,
        params ReadOnlySpan<(string Name, object? Value)> data) => _journal.Publish(type, subject, severity, data);

    /// <summary>
    /// A reload brought these agents and took those, and says who is told from now on; those who are gone have a moment
    /// to take what waits for them, which nobody waits for.
    /// </summary>
    public void Reloaded(GatewayDocument document, ReloadOutcome outcome)
    {
        _applied = ApplyAsync(_applied, document.Webhooks);
        foreach (var added in outcome.Added)
        {
            this.Publish(EventTypes.AgentAdded, added);
        }

        foreach (var removed in outcome.Removed)
        {
            this.Publish(EventTypes.AgentRemoved, removed);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _applied;
        await _journal.DisposeAsync();
        await _webhooks.DisposeAsync();
        if (_uplink is not null)
        {
            // As long as its own patience: a server that does not answer holds up no end.
            await _uplink.StopAsync(CancellationToken.None);
            await _uplink.DisposeAsync();
        }

        _directory.Dispose();
    }

    private async Task ApplyAsync(Task before, IReadOnlyList<WebhookSpec> webhooks)
    {
        await before;
        try
        {
            await _webhooks.ApplyAsync(webhooks);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            LogNotApplied(error.Message);
        }
    }

    private static FileLock TakeDirectory(GatewayPaths paths)
    {
        try
        {
            OwnedDirectory.Ensure(paths.DataDirectory);
            OwnedDirectory.Ensure(paths.Own);
            return FileLock.Acquire(paths.Lock);
        }
        catch (FileLockedException error)
        {
            var holder = error.HolderPid is { } pid ? $"process {pid}" : "another process";
            throw new GatewayStartException(
                $"cannot start a second gateway on \"{paths.DataDirectory}\": {holder} runs one there; stop it or "
                    + "choose another data directory",
                error);
        }
        catch (IOException error)
        {
            throw new GatewayStartException(error.Message, error);
        }
    }

    [LoggerMessage(
        5040, LogLevel.Error,
        "The webhooks that drover.yaml names now are not taken up: {Reason}; mend it and read the file again")]
    private partial void LogNotApplied(string reason);
}
