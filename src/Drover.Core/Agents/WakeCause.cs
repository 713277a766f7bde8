namespace Drover.Core.Agents;

/// <summary>Who wants an agent. On the wire in lower case.</summary>
public enum WakeCause
{
    /// <summary>A request that came for it.</summary>
    Request,

    /// <summary>An operator.</summary>
    Operator,
}
