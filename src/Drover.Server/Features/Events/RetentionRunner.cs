using Drover.Runtime.Storage;
using Drover.Server.Features.Commands;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Events;

/// <summary>
/// Keeps events and finished commands within their bounds, in small batches so that other writes get through.
/// </summary>
internal sealed partial class RetentionRunner(
    Database database, ServerOptions options, TimeProvider time, ILogger<RetentionRunner> logger) : BackgroundService
{
    private const int Batch = 500;

    private static readonly TimeSpan Every = TimeSpan.FromMinutes(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(Every, time, stoppingToken);
                await PruneAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
            }
        }
    }

    private async Task PruneAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();

        // Counted on a reader: a long stream is long to count, and nobody who writes shall wait for it.
        var overLimit = await database.ReadAsync(
            session => EventStore.OverLimit(session, options.EventLimit), cancellationToken);
        await RepeatAsync(
            session => EventStore.Prune(session, now - options.EventRetention, overLimit, Batch),
            cancellationToken);
        await RepeatAsync(
            session => CommandStore.Prune(session, now - options.CommandRetention, Batch), cancellationToken);
    }

    private async Task RepeatAsync(Func<DbSession, int> prune, CancellationToken cancellationToken)
    {
        int deleted;
        do
        {
            deleted = await database.WriteAsync(prune, cancellationToken);
        }
        while (deleted == Batch);
    }

    [LoggerMessage(1412, LogLevel.Error, "Deleting old rows failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
