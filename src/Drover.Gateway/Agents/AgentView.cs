using Drover.Core.Agents;
using Drover.Gateway.Forwarding;

namespace Drover.Gateway.Agents;

/// <summary>
/// What is known of an agent, as one value that never changes: what requests, operators and metrics read. Whoever owns
/// the agent's life puts another in its place.
/// </summary>
/// <param name="State">What it is doing.</param>
internal sealed record AgentView(AgentState State)
{
    /// <summary>Where requests go; null: nowhere now.</summary>
    public Backend? Backend { get; init; }

    /// <summary>Why it does not serve, for people; null where there is nothing to say.</summary>
    public string? Reason { get; init; }

    /// <summary>The same as a word for programs, of <see cref="AgentReasons"/>; null with the reason.</summary>
    public string? ReasonCode { get; init; }

    /// <summary>True while it sleeps frozen and not stopped: <c>tier: doze</c>.</summary>
    public bool IsDozing { get; init; }

    /// <summary>Since when it is in this state.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Until then no request wakes it, for wakes of it fail one after the other; null: any does.</summary>
    public DateTimeOffset? RestsUntil { get; init; }

    /// <summary>When a wake under way will be over, by the agent's own history; null: nothing is known.</summary>
    public DateTimeOffset? ReadyBy { get; init; }
}
