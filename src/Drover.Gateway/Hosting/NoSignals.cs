using Microsoft.Extensions.Hosting;

namespace Drover.Gateway.Hosting;

/// <summary>
/// Signals belong to the executable, which may run several roles in one process; a role only stops when told.
/// </summary>
internal sealed class NoSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
