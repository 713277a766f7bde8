using System.Threading.Channels;
using Drover.Runtime.Uplink.Transport;
using Drover.Wire.Commands;
using Microsoft.Extensions.Logging;

namespace Drover.HostAgent.Commands;

/// <summary>
/// Tells the server how an app stands after health, logs and restart. Best effort in its own loop: it never holds up
/// a report, is not retried, and a server of the older protocol may answer 404.
/// </summary>
internal sealed partial class AppStatusSender(ICommandServer server, TimeProvider time, ILogger<AppStatusSender> log)
{
    private const int MaxWaiting = 64;

    private readonly ILogger<AppStatusSender> _log = log;
    private readonly Channel<AppStatusRequest> _waiting = Channel.CreateBounded<AppStatusRequest>(
        new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Sends it when it can.</summary>
    public void Post(string commandType, CommandOutcome outcome)
    {
        if (commandType is CommandTypes.Health or CommandTypes.Logs or CommandTypes.Restart
            && outcome.AppStatus is { } standing)
        {
            _waiting.Writer.TryWrite(
                new AppStatusRequest(
                    server.DeploymentHash,
                    standing.AppCode,
                    standing.Status,
                    outcome.LogLines ?? [],
                    time.GetUtcNow()));
        }
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var status in _waiting.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await server.AppStatusAsync(status, cancellationToken);
            }
            catch (ServerCallException error)
            {
                LogNotTold(status.AppCode, error.Message);
            }
        }
    }

    [LoggerMessage(2331, LogLevel.Debug, "the status of app {AppCode} was not taken: {Why}")]
    private partial void LogNotTold(string appCode, string why);
}
