using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Drover.Server.Features.Certificates;

/// <summary>
/// Looks at the certificates every few seconds: replaced files are picked up, an announced certificate is taken into
/// use, one that ends soon gets a follower.
/// </summary>
internal sealed partial class CertificateRunner(
    ServerCertificates certificates, ChangeCertificate change, TimeProvider time, ILogger<CertificateRunner> logger)
    : BackgroundService
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (certificates.Now is null)
        {
            return;
        }

        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await change.LookAsync();
            }
            catch (Exception exception)
            {
                LogFailed(logger, exception);
            }

            try
            {
                await Task.Delay(Step, time, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    [LoggerMessage(1613, LogLevel.Error, "Looking at the certificates failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
