using Drover.Core.Agents;
using Drover.Gateway.Routing;
using Drover.Runtime.Configuration;

namespace Drover.Gateway.Documents;

/// <summary>One agent as the user wrote it: <c>gateway.agents.NAME</c>.</summary>
public sealed record AgentDocument
{
    /// <summary>Its name in events, metrics and verbs.</summary>
    public required string Name { get; init; }

    /// <summary>The hostnames it answers to.</summary>
    public required IReadOnlyList<HostPattern> Hostnames { get; init; }

    /// <summary>Where it is found.</summary>
    public required AgentTarget Target { get; init; }

    /// <summary>What is done for it besides forwarding.</summary>
    public required AgentPolicy Policy { get; init; }

    /// <summary>What is spoken to it.</summary>
    public AgentProtocol Protocol { get; init; }

    /// <summary>How it is asked whether it serves.</summary>
    public HealthDocument Health { get; init; } = new();

    /// <summary>The path at which the gateway itself answers for a managed agent.</summary>
    public string StatusPath { get; init; } = "/api/health";

    /// <summary>A wake that takes longer has failed.</summary>
    public TimeSpan StartupTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>When it is put to sleep, and how.</summary>
    public IdleDocument Idle { get; init; } = new();

    /// <summary>How long it is idle before its task is frozen; null: never.</summary>
    public TimeSpan? DozeAfter { get; init; }

    /// <summary>Which requests wait for a wake.</summary>
    public HoldDocument Hold { get; init; } = new();

    /// <summary>Which requests do not wake it.</summary>
    public QuietDocument Quiet { get; init; } = new();

    /// <summary>True: never put to sleep to make room for another.</summary>
    public bool IsPinned { get; init; }

    /// <summary>What it takes of the memory budget, in bytes; null: what its service's limit says.</summary>
    public long? Memory { get; init; }

    /// <summary>The largest body of a request, in bytes; null: any.</summary>
    public long? MaxBody { get; init; }

    /// <summary>The token by which it registers hostnames of its own; null: it registers none.</summary>
    public SecretSource? RegistrationToken { get; init; }

    /// <summary>How long forwarding to it may take.</summary>
    public TimeoutDocument Timeouts { get; init; } = new();
}

/// <summary>How an agent is asked whether it serves.</summary>
public sealed record HealthDocument
{
    /// <summary>The path that answers 2xx or 3xx; null: a TCP connection is enough.</summary>
    public string? Path { get; init; }

    /// <summary>The port that is asked; null: the agent's own.</summary>
    public int? Port { get; init; }

    /// <summary>How often, once it serves.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many failures in a row make it degraded.</summary>
    public int FailureThreshold { get; init; } = 3;
}

/// <summary>When an agent is put to sleep, and how.</summary>
public sealed record IdleDocument
{
    /// <summary>How long nobody used it.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How long open work may go on once new work is turned away.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>True: an open WebSocket alone keeps it awake; false: only messages do.</summary>
    public bool OpenWebSocketsCount { get; init; }
}

/// <summary>Which requests wait for a wake instead of getting 503.</summary>
public sealed record HoldDocument
{
    /// <summary>How long a request that asks for nothing waits.</summary>
    public TimeSpan Wait { get; init; }

    /// <summary>The most a request can ask for by <c>Prefer: wait=</c>.</summary>
    public TimeSpan Most { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many may wait at once; what comes beyond gets 503.</summary>
    public int Requests { get; init; } = 1000;
}

/// <summary>Which requests do not wake an agent, and are no activity.</summary>
public sealed record QuietDocument
{
    /// <summary>Paths, exactly as asked for.</summary>
    public IReadOnlyList<string> Paths { get; init; } = ["/favicon.ico", "/robots.txt"];

    /// <summary>Words of a <c>User-Agent</c>, in any case.</summary>
    public IReadOnlyList<string> UserAgents { get; init; } = [];
}

/// <summary>How long forwarding may take; zero is no limit.</summary>
public sealed record TimeoutDocument
{
    /// <summary>Until a connection to the agent stands.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>From the end of the request to the first line of the answer.</summary>
    public TimeSpan Response { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Without a byte in either direction.</summary>
    public TimeSpan Idle { get; init; }
}
