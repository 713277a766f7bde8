namespace Drover.Core.Agents;

/// <summary>What the user's file says of an agent, as far as decisions about its life depend on it.</summary>
public sealed record AgentSpec
{
    /// <summary>What is done for it besides forwarding.</summary>
    public required AgentPolicy Policy { get; init; }

    /// <summary>A wake that takes longer has failed.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often it is asked whether it serves, once it does.</summary>
    public TimeSpan ProbePeriod { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many failures in a row make it degraded.</summary>
    public int FailureThreshold { get; init; } = 3;

    /// <summary>How long nobody used it before it is stopped.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long nobody used it before its task is frozen; null: never.</summary>
    public TimeSpan? DozeAfter { get; init; }

    /// <summary>How long open work may go on once new work is turned away.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True: an open WebSocket alone keeps it awake; false: only messages do.</summary>
    public bool OpenWebSocketsCount { get; init; }

    /// <summary>True: the gateway may scale its service and freeze its task; under no other policy ever.</summary>
    public bool IsOnDemand => Policy is AgentPolicy.OnDemand;
}

/// <summary>How an agent is used at one moment.</summary>
/// <param name="Open">Pieces of work that are open, WebSockets among them.</param>
/// <param name="WebSockets">WebSockets that are open.</param>
/// <param name="SinceLast">How long ago work began, ended or showed itself.</param>
public readonly record struct AgentUsage(int Open, int WebSockets, TimeSpan SinceLast);
