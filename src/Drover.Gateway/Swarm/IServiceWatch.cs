using Drover.Core.Agents;

namespace Drover.Gateway.Swarm;

/// <summary>What is known of services of the Swarm, as it changes. Asks nothing while nothing happens.</summary>
internal interface IServiceWatch
{
    /// <summary>True while the Docker Engine answers; what is known is otherwise of before.</summary>
    bool IsReachable { get; }

    /// <summary>
    /// Tells what is known of a service: at once, and again whenever it changes, in order, one call at a time. The
    /// observer returns quickly.
    /// </summary>
    /// <param name="service">The service's exact name.</param>
    /// <param name="observer">Whoever wants to know.</param>
    /// <returns>Disposed: no further call.</returns>
    IDisposable Subscribe(string service, Action<ServiceObservation> observer);

    /// <summary>
    /// While the returned object lives, somebody waits: Swarm, which tells nothing of tasks by itself, is asked every
    /// few milliseconds.
    /// </summary>
    IDisposable Hurry(string service);
}
