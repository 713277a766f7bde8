using Drover.Core.Agents;
using Drover.Gateway.Agents;
using Microsoft.Extensions.Logging;

namespace Drover.Gateway.Lifecycle;

/// <summary>
/// Waits until it is known of every agent whether it runs, so that a gateway that starts again turns nobody away from
/// an agent that serves. A Swarm that does not answer holds the start up for a few seconds and no more: what has a
/// fixed address can be served.
/// </summary>
internal static partial class AgentReconciliation
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Waits, and says when it waited in vain.</summary>
    public static async Task WaitAsync(
        AgentSet agents, TimeProvider time, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        try
        {
            await agents.ReconciledAsync().WaitAsync(Limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            var unknown = agents.All.Count(seat => seat.View.ReasonCode is AgentReasons.Unknown);
            Unanswered(loggers.CreateLogger(typeof(AgentReconciliation)), unknown, Limit.TotalSeconds);
        }
    }

    [LoggerMessage(
        5103,
        LogLevel.Warning,
        "The Docker Engine has not told of {Agents} agents within {Seconds} s; until it does they answer 503")]
    private static partial void Unanswered(ILogger logger, int agents, double seconds);
}
