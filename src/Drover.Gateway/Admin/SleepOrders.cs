using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Drover.Gateway.Lifecycle;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Admin;

/// <summary>
/// Orders to sleep that are being carried out. An order goes on when whoever gave it hangs up, and the same order again
/// joins it. Owns the tasks until they end.
/// </summary>
internal sealed partial class SleepOrders(ILogger<SleepOrders> logger, CancellationToken stopping)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<AgentSeat, Task<SleepOutcome>> _open = [];

    /// <summary>Gives the order, or joins the one that is being carried out.</summary>
    public Task<SleepOutcome> GiveAsync(AgentSeat seat, IAgentLife life)
    {
        lock (_gate)
        {
            if (_open.TryGetValue(seat, out var open))
            {
                return open;
            }

            var order = Task.Run(() => life.SleepAsync(SleepCause.Operator, stopping), CancellationToken.None);
            _open[seat] = order;
            _ = ForgetAsync(seat, order);
            return order;
        }
    }

    private async Task ForgetAsync(AgentSeat seat, Task<SleepOutcome> order)
    {
        try
        {
            await order;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The gateway ends; the agent is as the next start finds it.
        }
        catch (Exception error)
        {
            Broken(seat.Name, error);
        }
        finally
        {
            lock (_gate)
            {
                _open.Remove(seat);
            }
        }
    }

    [LoggerMessage(5602, LogLevel.Error, "An order to sleep for {Agent} ended in a defect")]
    private partial void Broken(string agent, Exception error);
}
