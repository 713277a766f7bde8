using Drover.Gateway.Agents;

namespace Drover.Gateway.Routing;

/// <summary>A hostname and the agent that it leads to.</summary>
/// <param name="Pattern">The hostname, or all below one.</param>
/// <param name="Agent">Who answers.</param>
internal sealed record Route(HostPattern Pattern, AgentSeat Agent)
{
    /// <summary>A port of the agent's own task in the place of its usual one; set by registrations only.</summary>
    public int? Port { get; init; }

    /// <summary>True: an agent registered it while it runs; false: it stands in the user's file.</summary>
    public bool IsRegistered { get; init; }
}
