using System.Globalization;
using System.Text;
using Drover.Runtime.Events;
using Drover.Runtime.Events.Webhooks;
using Drover.Runtime.Files;
using Drover.Server.Features.Status;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Events;

/// <summary>
/// Tells webhooks of the server's events: follows the stream from a cursor that is on disk, and moves it when an event
/// is in the queues of all who want it. So none is left out over a kill, and one that was on its way is told again
/// under the same id. Owns the queues.
/// </summary>
internal sealed partial class WebhookRunner : BackgroundService
{
    private static readonly TimeSpan Quiet = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(2);

    private readonly ServerOptions _options;
    private readonly EventLog _events;
    private readonly EventMetrics _metrics;
    private readonly WebhookSet _webhooks;
    private readonly TimeProvider _time;
    private readonly ILogger<WebhookRunner> _logger;
    private long _cursor;

    public WebhookRunner(
        ServerOptions options, EventLog events, ServerMetrics metrics, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _events, _time) = (options, events, time);
        _logger = loggers.CreateLogger<WebhookRunner>();
        _metrics = new EventMetrics(metrics.Registry);
        _webhooks = new WebhookSet(Folder, _metrics, time, loggers.CreateLogger<WebhookSet>());
    }

    private string Folder => Path.Combine(_options.DataDirectory, "webhooks");

    // Beside the folder: within it every name is a receiver's.
    private string CursorPath => Path.Combine(_options.DataDirectory, "webhooks.cursor");

    /// <summary>Opens the queues; who is new is told of what comes from now on.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        _cursor = ReadCursor() ?? _events.Newest;
        AtomicFile.Write(CursorPath, Text(_cursor));
        await _webhooks.ApplyAsync(_options.Webhooks);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Lets receivers that answer have what waits, for a moment.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await _webhooks.DisposeAsync();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await FollowAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                LogFailed(error);
                await Task.Delay(RetryPause, _time, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        var batches = _events.FollowAsync(_cursor, EventFilter.All, Quiet, _time, cancellationToken);
        await foreach (var batch in batches)
        {
            if (batch.Events.Count == 0)
            {
                continue;
            }

            await _webhooks.KeepAsync([.. batch.Events.Select(stored => stored.ToDto())]).WaitAsync(cancellationToken);
            foreach (var stored in batch.Events)
            {
                _metrics.Count(stored.Type);
            }

            AtomicFile.Write(CursorPath, Text(batch.Through));
            _cursor = batch.Through;
        }
    }

    private long? ReadCursor() =>
        File.Exists(CursorPath)
        && long.TryParse(
            File.ReadAllText(CursorPath), NumberStyles.None, CultureInfo.InvariantCulture, out var cursor)
            ? cursor
            : null;

    private static byte[] Text(long cursor) =>
        Encoding.ASCII.GetBytes(cursor.ToString(CultureInfo.InvariantCulture));

    [LoggerMessage(1420, LogLevel.Error, "Webhooks are not told of events for now; what happens is told later")]
    private partial void LogFailed(Exception error);
}
