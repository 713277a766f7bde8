namespace Drover.Gateway.Documents;

/// <summary>What the gateway speaks to an agent.</summary>
public enum AgentProtocol
{
    /// <summary>HTTP/2 for gRPC, HTTP/1.1 for everything else.</summary>
    Auto,

    /// <summary>HTTP/1.1.</summary>
    Http1,

    /// <summary>HTTP/2; without TLS by prior knowledge.</summary>
    Http2,
}
