namespace Drover.Gateway.Documents;

/// <summary>Where an agent is found.</summary>
public abstract record AgentTarget
{
    private AgentTarget()
    {
    }

    /// <summary>The tasks of a Swarm service; each one's own address is asked of Swarm.</summary>
    /// <param name="Name">The service's name.</param>
    /// <param name="Port">The port its tasks listen on.</param>
    public sealed record Service(string Name, int Port) : AgentTarget;

    /// <summary>An address that does not change, of an agent that the gateway does not manage.</summary>
    /// <param name="Origin">Scheme, host and port.</param>
    public sealed record Fixed(Uri Origin) : AgentTarget;
}
