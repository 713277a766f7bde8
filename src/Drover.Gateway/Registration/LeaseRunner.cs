using Drover.Gateway.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Registration;

/// <summary>
/// Has the registrar look whenever an agent's state changes or a lease ends. Owns its loop.
/// </summary>
internal sealed partial class LeaseRunner : IAsyncDisposable
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    private readonly Registrar _registrar;
    private readonly AgentSet _agents;
    private readonly TimeProvider _time;
    private readonly ILogger<LeaseRunner> _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public LeaseRunner(Registrar registrar, AgentSet agents, TimeProvider time, ILogger<LeaseRunner> logger)
    {
        (_registrar, _agents, _time, _logger) = (registrar, agents, time, logger);
        _loop = Task.Run(RunAsync, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            var registered = _registrar.Changes;
            var owners = _registrar.All.Select(lease => lease.Agent).Distinct();
            Task[] changes = [.. owners.Select(_agents.Find).OfType<AgentSeat>().Select(seat => seat.NextView)];
            var pause = Look();

            // The pause is one of those waited for: what never completes is let go of with it.
            await Task.WhenAny([.. changes, registered, Task.Delay(pause, _time, _stopping.Token)]);
        }
    }

    /// <summary>Has the registrar look at once.</summary>
    public void LookNow() => _ = Look();

    private TimeSpan Look()
    {
        try
        {
            var next = _registrar.Look() - _time.GetUtcNow() ?? LongestPause;
            return next < TimeSpan.Zero ? TimeSpan.Zero : next < LongestPause ? next : LongestPause;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The disk refuses; leases stay as they are until it takes them.
            NotKept(error.Message);
            return AfterFailure;
        }
    }

    [LoggerMessage(5500, LogLevel.Error, "The registrations of agents cannot be kept: {Reason}; it is tried again")]
    private partial void NotKept(string reason);
}
