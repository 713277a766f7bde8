namespace Drover.Gateway.Swarm;

/// <summary>
/// The one way to change what runs: whoever reads its callers has read all that this gateway ever does to a service.
/// Nobody calls it for an agent whose policy is not <c>on_demand</c>.
/// </summary>
internal interface IServiceScaler
{
    /// <summary>Sets how many tasks a service should have; a version that another overtook is read again and tried
    /// again.</summary>
    Task<ScaleOutcome> ScaleAsync(string service, int replicas, CancellationToken cancellationToken);

    /// <summary>Freezes the container of a task on this node.</summary>
    Task<ScaleOutcome> PauseAsync(string containerId, CancellationToken cancellationToken);

    /// <summary>Lets a frozen container go on.</summary>
    Task<ScaleOutcome> UnpauseAsync(string containerId, CancellationToken cancellationToken);
}

/// <summary>How an order to the platform ended.</summary>
internal abstract record ScaleOutcome
{
    private ScaleOutcome()
    {
    }

    /// <summary>It is ordered, or it was so already.</summary>
    internal sealed record Done : ScaleOutcome;

    /// <summary>The platform refuses; trying again changes nothing.</summary>
    /// <param name="Reason">One sentence for people.</param>
    internal sealed record Refused(string Reason) : ScaleOutcome;

    /// <summary>The platform does not answer; later it may.</summary>
    /// <param name="Reason">One sentence for people.</param>
    internal sealed record Unreachable(string Reason) : ScaleOutcome;
}
