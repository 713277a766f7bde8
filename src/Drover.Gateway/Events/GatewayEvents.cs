using Drover.Core.Events;
using Drover.Runtime.Events;
using Drover.Runtime.Files;
using Drover.Runtime.Uplink;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Events;

/// <summary>
/// What this gateway tells of itself, and who is told: the log and those who read <see cref="Feed"/>. Every part of
/// the gateway publishes here and nowhere else. Owns the gateway's directory as long as it lives.
/// </summary>
internal sealed class GatewayEvents : IEventPublisher, IAsyncDisposable
{
    private readonly FileLock _directory;
    private readonly EventJournal _journal;

    private GatewayEvents(FileLock directory, EventJournal journal) => (_directory, _journal) = (directory, journal);

    /// <summary>The newest events, for those who read.</summary>
    public EventFeed Feed => _journal.Feed;

    /// <summary>Takes the gateway's directory and begins.</summary>
    /// <exception cref="GatewayStartException">The directory cannot be used.</exception>
    public static GatewayEvents Open(GatewayOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        var paths = new GatewayPaths(options.DataDirectory);
        var directory = TakeDirectory(paths);
        try
        {
            var journal = new EventJournal(
                $"/gateways/{options.Name ?? Environment.MachineName}",
                RunNumber.Take(paths.Run, time),
                [new EventLogSink(loggers.CreateLogger<EventLogSink>())],
                time,
                loggers.CreateLogger<EventJournal>());
            return new GatewayEvents(directory, journal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
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

    /// <summary>A reload brought these agents and took those.</summary>
    public void Reloaded(ReloadOutcome outcome)
    {
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
        await _journal.DisposeAsync();
        _directory.Dispose();
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
}
