using Drover.Gateway.Agents;

namespace Drover.Gateway.Admin;

/// <summary>Who calls the admin listener, once that is proven.</summary>
internal abstract record AdminCaller
{
    private AdminCaller()
    {
    }

    /// <summary>A person or tool that may do everything.</summary>
    internal sealed record Operator : AdminCaller;

    /// <summary>An agent, which may register hostnames of its own and nothing else.</summary>
    /// <param name="Seat">Which one.</param>
    internal sealed record Agent(AgentSeat Seat) : AdminCaller;
}
